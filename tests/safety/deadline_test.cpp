#include "safety/deadline.h"

#include <gtest/gtest.h>

#include "held_executor.h"
#include "samples.h"
#include "scripted_executor.h"

namespace hintd::safety {
namespace {

constexpr Millis kAtOnce{1e-6};

Decision alone(Millis deadline = kEndless) {
  Decision decision;
  decision.arm = 1;
  decision.deadline = deadline;
  return decision;
}

Decision taking_over(Millis deadline = kEndless) {
  auto decision = alone(deadline);
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
  EXPECT_EQ(joins_after(config, Millis{400}), Millis{800});
  EXPECT_EQ(joins_after(config, Millis{20}), Millis{40}) << "what joins in may do so sooner";
}

TEST(DeadlineTest, AnArmThatTookLittleMoreThanTheDefaultIsNotFarSlower) {
  SafetyConfig config;
  config.deadline_multiple = 1.5;
  DeadlineOutcome outcome;
  outcome.execution = rows(1, Millis{100});
  outcome.arm_latency = Millis{150};
  EXPECT_FALSE(far_slower(config, outcome)) << "the arm gave the rows";
  outcome.timed_out = true;
  EXPECT_TRUE(far_slower(config, outcome));
  outcome.arm_latency = Millis{149};
  EXPECT_FALSE(far_slower(config, outcome));
}

// Over connections whose runs end when the test says so.
class JoinedByTheDefaultTest : public testing::Test {
 protected:
  std::future<Result<DeadlineOutcome>> start(const Decision& decision) {
    return std::async(std::launch::async, [this, decision] {
      return run_with_deadline(hedge, "SELECT 1", kHinted, decision);
    });
  }

  // Both run by then.
  std::future<Result<DeadlineOutcome>> start_joined() {
    auto running = start(alone(kAtOnce));
    first.wait_for_start();
    second.wait_for_start();
    return running;
  }

  HeldExecutor first;
  HeldExecutor second;
  Hedge hedge{first, second};
};

TEST_F(JoinedByTheDefaultTest, AnArmWithinItsDeadlineRunsAlone) {
  auto running = start(alone());
  first.wait_for_start();
  first.end(rows(3));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_TRUE(outcome->arm_ran);
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(outcome->arm_latency, outcome->latency);
  EXPECT_EQ(first.hint_sets, "no_nestloop;");
  EXPECT_EQ(second.started, 0);
}

TEST_F(JoinedByTheDefaultTest, PastItTheDefaultThatEndsFirstGivesTheRows) {
  auto running = start_joined();
  second.end(rows(4));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->execution.rows, 4);
  EXPECT_EQ(outcome->execution.latency, Millis{5}) << "the default's own";
  EXPECT_GT(outcome->lost.count(), 0);
  EXPECT_EQ(second.hint_sets, ";");
  EXPECT_EQ(first.cancels, 1);
}

TEST_F(JoinedByTheDefaultTest, PastItTheArmThatEndsFirstStillDoes) {
  auto running = start_joined();
  first.end(rows(3));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(second.cancels, 1);
}

TEST_F(JoinedByTheDefaultTest, AnArmThatFailsBesideItDoesNotFailTheQuery) {
  auto running = start_joined();
  first.end(fail(ErrorKind::kQuery, "out of memory"));
  first.wait_for_start(2);
  first.end(rows(3));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->arm_error.empty());
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(first.hint_sets, "no_nestloop;;");
}

TEST_F(JoinedByTheDefaultTest, AnArmThatTookOverIsJoinedToo) {
  auto running = start(taking_over(kAtOnce));
  first.wait_for_start();
  first.end(Execution{Millis{5}, true, 0, 0});
  first.wait_for_start(2);
  second.wait_for_start();
  second.end(rows(4));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->execution.rows, 4);
  EXPECT_EQ(first.hint_sets, ";no_nestloop;");
}

// Over connections that answer at once what was scripted; the default never joins in.
class AnsweredTest : public testing::Test {
 protected:
  Result<DeadlineOutcome> run(const Decision& decision, const HintSet& hint_set = kHinted) {
    return run_with_deadline(hedge, "SELECT 1", hint_set, decision);
  }

  ScriptedExecutor executor;
  ScriptedExecutor second;
  Hedge hedge{executor, second};
};

TEST_F(AnsweredTest, TheDefaultHasNoDeadline) {
  executor.then_run(Millis{500});
  const auto outcome = run(alone(kAtOnce), kDefault);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_EQ(outcome->latency, Millis{500});
  ASSERT_EQ(executor.asked.size(), 1U);
  EXPECT_EQ(executor.asked[0].timeout, Millis{0});
}

TEST_F(AnsweredTest, AnArmThatFailsDoesNotFailTheQuery) {
  for (const auto kind : {ErrorKind::kQuery, ErrorKind::kExhausted}) {
    executor.asked.clear();
    executor.then_fail(kind);
    executor.then_run(Millis{60});
    const auto outcome = run(alone());
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->timed_out);
    EXPECT_EQ(outcome->arm_error, "scripted failure");
    EXPECT_GE(outcome->latency, Millis{60});
    EXPECT_EQ(executor.asked.size(), 2U);
  }
}

TEST_F(AnsweredTest, AStatementThatFailsUnderTheDefaultTooFails) {
  executor.then_fail(ErrorKind::kQuery);
  executor.then_fail(ErrorKind::kQuery);
  const auto outcome = run(alone());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kQuery);
  EXPECT_EQ(executor.asked.size(), 2U);
}

TEST_F(AnsweredTest, ALostServerIsNotAskedAgain) {
  executor.then_fail(ErrorKind::kUnavailable);
  const auto outcome = run(alone());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(executor.asked.size(), 1U);
}

TEST_F(AnsweredTest, ADefaultThatEndsWithinItsPatienceIsAllThereIs) {
  executor.then_run(Millis{4});
  const auto outcome = run(taking_over());
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->arm_ran);
  EXPECT_EQ(outcome->latency, Millis{4});
  ASSERT_EQ(executor.asked.size(), 1U);
  EXPECT_EQ(executor.asked[0].hint_set, "");
  EXPECT_EQ(executor.asked[0].timeout, Millis{5});
}

TEST_F(AnsweredTest, PastThePatienceTheArmTakesOverAndBothCount) {
  executor.then_run(Millis{5}, true);
  executor.then_run(Millis{20});
  const auto outcome = run(taking_over());
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->arm_ran);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_GT(outcome->latency, Millis{5});
  EXPECT_EQ(outcome->arm_latency, outcome->latency);
  ASSERT_EQ(executor.asked.size(), 2U);
  EXPECT_EQ(executor.asked[1].hint_set, "no_nestloop");
}

TEST_F(AnsweredTest, WhatTheDefaultCannotRunFails) {
  executor.then_fail(ErrorKind::kQuery);
  EXPECT_FALSE(run(taking_over()));
  EXPECT_EQ(executor.asked.size(), 1U);
}

}  // namespace
}  // namespace hintd::safety
