#include "safety/hedge.h"

#include <gtest/gtest.h>

#include "held_executor.h"
#include "samples.h"

namespace hintd::safety {
namespace {

constexpr Millis kNoPatience{0};

class HedgeTest : public testing::Test {
 protected:
  std::future<Result<HedgedOutcome>> start(Millis patience) {
    return std::async(std::launch::async, [this, patience] {
      return hedge.run("SELECT 1", kDefault, kHinted, patience);
    });
  }

  HeldExecutor first;
  HeldExecutor second;
  Hedge hedge{first, second};
};

TEST_F(HedgeTest, ADefaultThatEndsWithinThePatienceRunsAlone) {
  auto running = start(kEndless);
  first.wait_for_start();
  first.end(rows(3));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->joined);
  EXPECT_FALSE(outcome->second_won);
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(outcome->lost.count(), 0);
  EXPECT_EQ(second.started, 0);
  EXPECT_EQ(first.hint_sets, "default;");
}

TEST_F(HedgeTest, AnArmThatEndsFirstGivesTheRowsAndTheDefaultIsEnded) {
  auto running = start(kNoPatience);
  first.wait_for_start();
  second.wait_for_start();
  second.end(rows(4));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->joined);
  EXPECT_TRUE(outcome->second_won);
  EXPECT_EQ(outcome->execution.rows, 4);
  EXPECT_GT(outcome->lost.count(), 0);
  EXPECT_EQ(first.cancels, 1);
  EXPECT_EQ(second.cancels, 0);
  EXPECT_EQ(second.hint_sets, "no_nestloop;");
}

TEST_F(HedgeTest, ADefaultThatEndsFirstGivesTheRowsAndTheArmIsEnded) {
  auto running = start(kNoPatience);
  second.wait_for_start();
  first.wait_for_start();
  first.end(rows(3));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->joined);
  EXPECT_FALSE(outcome->second_won);
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(second.cancels, 1);
  EXPECT_EQ(first.cancels, 0);
}

TEST_F(HedgeTest, AnArmThatFailsLeavesTheDefaultAlone) {
  auto running = start(kNoPatience);
  second.wait_for_start();
  second.end(fail(ErrorKind::kQuery, "out of memory"));
  first.wait_for_start();
  first.end(rows(3));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->second_won);
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(first.cancels, 0);
}

TEST_F(HedgeTest, FailsAsTheDefaultDoes) {
  auto running = start(kEndless);
  first.wait_for_start();
  first.end(fail(ErrorKind::kQuery, "division by zero"));
  const auto outcome = running.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "division by zero");
}

TEST_F(HedgeTest, RunsOneAfterTheOther) {
  for (int round = 1; round <= 20; ++round) {
    const bool arm_wins = round % 2 == 0;
    auto running = start(kNoPatience);
    first.wait_for_start(round);
    second.wait_for_start(round);
    (arm_wins ? second : first).end(rows(round));
    const auto outcome = running.get();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->second_won, arm_wins);
    EXPECT_EQ(outcome->execution.rows, round);
  }
  EXPECT_EQ(first.cancels, 10);
  EXPECT_EQ(second.cancels, 10);
}

}  // namespace
}  // namespace hintd::safety
