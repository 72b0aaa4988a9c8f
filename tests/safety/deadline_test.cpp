#include "safety/deadline.h"

#include <gtest/gtest.h>

#include "scripted_executor.h"

namespace hintd::safety {
namespace {

const HintSet kDefault{"default", "", {}};
const HintSet kHinted{"no_nestloop", "", {{"enable_nestloop", "off"}}};

Decision alone() {
  Decision decision;
  decision.deadline = Millis{100};
  return decision;
}

Decision taking_over() {
  auto decision = alone();
  decision.patience = Millis{5};
  decision.takes_over = true;
  return decision;
}

TEST(DeadlineTest, IsAMultipleOfTheDefaultsLatency) {
  SafetyConfig config;
  config.deadline_multiple = 2;
  config.min_deadline = Millis{50};
  EXPECT_EQ(deadline_for(config, Millis{400}), Millis{800});
  EXPECT_EQ(deadline_for(config, Millis{3}), Millis{50}) << "never shorter than the least";
}

TEST(DeadlineTest, AnArmWithinItsDeadlineIsRunOnce) {
  ScriptedExecutor executor;
  executor.then_run(Millis{20});
  const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, alone());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->latency, Millis{20});
  EXPECT_EQ(outcome->arm_latency, Millis{20});
  EXPECT_FALSE(outcome->timed_out);
  ASSERT_EQ(executor.asked.size(), 1U);
  EXPECT_EQ(executor.asked[0].timeout, Millis{100});
}

TEST(DeadlineTest, PastItTheDefaultIsRunAndBothCount) {
  ScriptedExecutor executor;
  executor.then_run(Millis{101}, true);
  executor.then_run(Millis{60});
  const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, alone());
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->latency, Millis{161});
  EXPECT_EQ(outcome->arm_latency, Millis{101});
  EXPECT_EQ(outcome->execution.latency, Millis{60});
  EXPECT_FALSE(outcome->execution.timed_out);
  ASSERT_EQ(executor.asked.size(), 2U);
  EXPECT_EQ(executor.asked[1].hint_set, "");
  EXPECT_EQ(executor.asked[1].timeout, Millis{0});
}

TEST(DeadlineTest, TheDefaultHasNone) {
  ScriptedExecutor executor;
  executor.then_run(Millis{500});
  const auto outcome = run_with_deadline(executor, "SELECT 1", kDefault, alone());
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->timed_out);
  ASSERT_EQ(executor.asked.size(), 1U);
  EXPECT_EQ(executor.asked[0].timeout, Millis{0});
}

TEST(DeadlineTest, AnArmThatFailsDoesNotFailTheQuery) {
  for (const auto kind : {ErrorKind::kQuery, ErrorKind::kExhausted}) {
    ScriptedExecutor executor;
    executor.then_fail(kind);
    executor.then_run(Millis{60});
    const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, alone());
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->timed_out);
    EXPECT_EQ(outcome->arm_error, "scripted failure");
    EXPECT_EQ(outcome->execution.latency, Millis{60});
    EXPECT_GE(outcome->latency, Millis{60});
  }
}

TEST(DeadlineTest, AStatementThatFailsUnderTheDefaultTooFails) {
  ScriptedExecutor executor;
  executor.then_fail(ErrorKind::kQuery);
  executor.then_fail(ErrorKind::kQuery);
  const auto outcome = run_with_deadline(executor, "SELECT 1 / 0", kHinted, alone());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kQuery);
  EXPECT_EQ(executor.asked.size(), 2U);
}

TEST(DeadlineTest, ALostServerIsNotAskedAgain) {
  ScriptedExecutor executor;
  executor.then_fail(ErrorKind::kUnavailable);
  const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, alone());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(executor.asked.size(), 1U);
}

TEST(TakingOverTest, ADefaultThatEndsWithinItsPatienceIsAllThereIs) {
  ScriptedExecutor executor;
  executor.then_run(Millis{4});
  const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, taking_over());
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->arm_ran);
  EXPECT_EQ(outcome->latency, Millis{4});
  ASSERT_EQ(executor.asked.size(), 1U);
  EXPECT_EQ(executor.asked[0].hint_set, "");
  EXPECT_EQ(executor.asked[0].timeout, Millis{5});
}

TEST(TakingOverTest, PastThePatienceTheArmRunsUnderItsDeadline) {
  ScriptedExecutor executor;
  executor.then_run(Millis{5}, true);
  executor.then_run(Millis{20});
  const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, taking_over());
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->arm_ran);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_EQ(outcome->latency, Millis{25});
  EXPECT_EQ(outcome->arm_latency, Millis{25});
  ASSERT_EQ(executor.asked.size(), 2U);
  EXPECT_EQ(executor.asked[1].timeout, Millis{100});
}

TEST(TakingOverTest, AnArmPastItsDeadlineGivesWayToTheDefault) {
  ScriptedExecutor executor;
  executor.then_run(Millis{5}, true);
  executor.then_run(Millis{100}, true);
  executor.then_run(Millis{60});
  const auto outcome = run_with_deadline(executor, "SELECT 1", kHinted, taking_over());
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->latency, Millis{165});
  EXPECT_EQ(outcome->execution.latency, Millis{60});
}

TEST(TakingOverTest, WhatTheDefaultCannotRunFails) {
  ScriptedExecutor executor;
  executor.then_fail(ErrorKind::kQuery);
  EXPECT_FALSE(run_with_deadline(executor, "SELECT 1 / 0", kHinted, taking_over()));
  EXPECT_EQ(executor.asked.size(), 1U);
}

}  // namespace
}  // namespace hintd::safety
