#include "safety/guarded_executor.h"

#include <gtest/gtest.h>

#include "samples.h"
#include "scripted_executor.h"

namespace hintd::safety {
namespace {

class GuardedExecutorTest : public testing::Test {
 protected:
  static SafetyConfig config() {
    SafetyConfig config;
    config.max_statement = Millis{1'000};
    config.max_consecutive_failures = 3;
    config.failure_pause = Millis{500};
    return config;
  }
  Result<Execution> run(const char* sql = "SELECT 1", Millis timeout = Millis{10}) {
    return guarded_.run(sql, kDefault, timeout);
  }

  ScriptedExecutor inner_;
  SimulatedClock clock_{TimePoint{}};
  GuardedExecutor guarded_{inner_, config(), clock_};
};

TEST_F(GuardedExecutorTest, LetsAReadOnlySelectThroughAsItIs) {
  ASSERT_TRUE(run("SELECT 1", Millis{10}));
  ASSERT_EQ(inner_.asked.size(), 1U);
  EXPECT_EQ(inner_.asked[0].sql, "SELECT 1");
  EXPECT_EQ(inner_.asked[0].hint_set, "default");
  EXPECT_EQ(inner_.asked[0].timeout, Millis{10});
}

TEST_F(GuardedExecutorTest, RefusesEverythingElse) {
  for (const auto* sql :
       {"DELETE FROM orders", "SELECT 1; DROP TABLE orders", "SELECT * FROM orders FOR UPDATE",
        "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone", "SET work_mem = 1",
        "COMMIT", ""}) {
    const auto refused = run(sql);
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidInput) << sql;
    EXPECT_FALSE(guarded_.analyze(sql, kDefault, Millis{10})) << sql;
    EXPECT_FALSE(guarded_.explain(sql, kDefault)) << sql;
  }
  EXPECT_TRUE(inner_.asked.empty());
  EXPECT_EQ(guarded_.counts().refusals, 21);
}

TEST_F(GuardedExecutorTest, WhatDoesNotParseIsTheQuerysFault) {
  EXPECT_EQ(run("SELEC 1").error().kind, ErrorKind::kQuery);
  EXPECT_TRUE(inner_.asked.empty());
}

TEST_F(GuardedExecutorTest, NoTimeoutIsLongerThanTheCap) {
  ASSERT_TRUE(run("SELECT 1", Millis{0}));
  ASSERT_TRUE(run("SELECT 1", Millis{5'000}));
  ASSERT_TRUE(guarded_.analyze("SELECT 1", kDefault, Millis{0}));
  for (const auto& asked : inner_.asked) EXPECT_EQ(asked.timeout, Millis{1'000});
}

TEST_F(GuardedExecutorTest, CountsRunsTimeoutsAndFailures) {
  inner_.then_run(Millis{1});
  inner_.then_run(Millis{10}, true);
  inner_.then_fail(ErrorKind::kQuery);
  for (int i = 0; i < 3; ++i) (void)run();
  EXPECT_EQ(guarded_.counts().runs, 3);
  EXPECT_EQ(guarded_.counts().timeouts, 1);
  EXPECT_EQ(guarded_.counts().failures, 1);
  EXPECT_EQ(guarded_.counts().refusals, 0);
}

TEST_F(GuardedExecutorTest, LeavesAFailingServerAloneForAWhile) {
  for (int i = 0; i < 3; ++i) inner_.then_fail(ErrorKind::kUnavailable);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(run());
  const auto refused = run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(inner_.asked.size(), 3U) << "the server was not asked again";
  EXPECT_FALSE(guarded_.database_state());

  clock_.wait_until(clock_.now() + std::chrono::milliseconds(500));
  EXPECT_TRUE(run()) << "it may have recovered";
}

TEST_F(GuardedExecutorTest, StatementsThatAreWrongDoNotCountAgainstTheServer) {
  for (int i = 0; i < 10; ++i) inner_.then_fail(ErrorKind::kQuery);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(run().error().kind, ErrorKind::kQuery);
  EXPECT_TRUE(run());
}

}  // namespace
}  // namespace hintd::safety
