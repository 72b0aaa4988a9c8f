#include "core/failsafe.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace hintd {
namespace {

TEST(FailsafeTest, SaysWhetherTheWorkWasDoneAndKeepsWhatItThrew) {
  Failsafe failsafe("test_failed");
  int done = 0;
  EXPECT_TRUE(failsafe.run([&] { ++done; }));
  EXPECT_EQ(failsafe.failures(), 0);
  EXPECT_EQ(failsafe.last(), "");
  EXPECT_FALSE(failsafe.run([] { throw std::runtime_error("no disk"); }));
  EXPECT_FALSE(failsafe.run([] { throw 7; }));
  EXPECT_TRUE(failsafe.run([&] { ++done; }));
  EXPECT_EQ(done, 2);
  EXPECT_EQ(failsafe.failures(), 2);
  EXPECT_EQ(failsafe.last(), "not a std::exception");
}

}  // namespace
}  // namespace hintd
