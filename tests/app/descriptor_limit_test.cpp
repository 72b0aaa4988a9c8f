#include "app/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hintd::app {
namespace {

// What is left to a process of its own, which begins with a low limit that it may raise.
[[noreturn]] void raise_from(rlim_t soft, rlim_t hard, int expected) {
  const rlimit limit{soft, hard};
  setrlimit(RLIMIT_NOFILE, &limit);
  const int fit = clients_that_fit();
  rlimit raised{};
  getrlimit(RLIMIT_NOFILE, &raised);
  _exit(fit == expected && raised.rlim_cur == hard ? 0 : 1);
}

TEST(DescriptorLimitTest, IsRaisedAsFarAsItMayAndLeavesRoomForAllElse) {
  EXPECT_EXIT(raise_from(64, 1000, 400), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(raise_from(64, 100, 1), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace hintd::app
