// What goes wrong inside the proxy costs a statement its hint, or is only counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "talk.h"

namespace hintd::proxy::test {
namespace {

TEST(FailsOpenTest, ATapThatThrowsIsCountedAndItsClientHearsNothingOfIt) {
  Talk talk;
  talk.tap.heard = [] { throw std::runtime_error("no memory"); };
  const auto answer = complete("SELECT 0") + ready();
  for (int i = 1; i <= 3; ++i) {
    talk.client(query("SELECT a FROM t"));
    EXPECT_EQ(talk.sent(), query("SELECT a FROM t"));
    talk.server(answer);
    EXPECT_EQ(talk.heard(), answer);
    EXPECT_EQ(talk.worker.failsafe().failures(), i);
  }
  EXPECT_EQ(talk.worker.failsafe().last(), "no memory");
  EXPECT_EQ(talk.events.statements.size(), 3U);
}

TEST(FailsOpenTest, ATemplateThatFoundTheQueueFullIsToldWithItsNextStatement) {
  Talk talk;
  talk.events.full = true;
  talk.client(query("SELECT a FROM t"));
  talk.server(complete("SELECT 0") + ready());
  talk.events.full = false;
  for (int i = 0; i < 2; ++i) {
    talk.client(query("SELECT a FROM t"));
    talk.server(complete("SELECT 0") + ready());
  }
  EXPECT_EQ(talk.events.templates.size(), 1U);
  EXPECT_EQ(talk.events.statements.size(), 2U);
}

}  // namespace
}  // namespace hintd::proxy::test
