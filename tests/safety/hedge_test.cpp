#include "safety/hedge.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace hintd::safety {
namespace {

const HintSet kHinted{"no_nestloop", "", {{"enable_nestloop", "off"}}};
constexpr Millis kNoPatience{0};
constexpr Millis kEndless{3'600'000};

// A connection whose run goes on until the test ends it, or somebody cancels it.
class HeldExecutor final : public PlanExecutor {
 public:
  Result<Execution> run(std::string_view, const HintSet& hint_set, Millis) override {
    hint_sets += hint_set.name + ";";
    ++started;
    started.notify_all();
    auto result = outcome.get_future().get();
    outcome = {};
    return result;
  }
  Result<Analysis> analyze(std::string_view, const HintSet&, Millis) override {
    return fail(ErrorKind::kQuery, "not analysed here");
  }
  Result<PlanTree> explain(std::string_view, const HintSet&) override { return PlanTree{}; }
  Result<DatabaseState> database_state() override { return DatabaseState{}; }
  void cancel() noexcept override {
    ++cancels;
    try {
      end(Execution{Millis{1}, true, 0, 0});
    } catch (const std::future_error&) {
      // It has just ended by itself.
    }
  }

  void end(Result<Execution> result) { outcome.set_value(std::move(result)); }
  void wait_for_start(int runs = 1) {
    for (int seen = started; seen < runs; seen = started) started.wait(seen);
  }

  std::promise<Result<Execution>> outcome;
  std::string hint_sets;
  std::atomic<int> started = 0;
  std::atomic<int> cancels = 0;
};

Execution rows(std::int64_t count) {
  return {Millis{5}, false, count, 7};
}

class HedgeTest : public testing::Test {
 protected:
  std::future<Result<HedgedOutcome>> start(Millis patience) {
    return std::async(std::launch::async,
                      [this, patience] { return hedge.run("SELECT 1", kHinted, patience); });
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
  EXPECT_FALSE(outcome->arm_won);
  EXPECT_EQ(outcome->execution.rows, 3);
  EXPECT_EQ(outcome->lost.count(), 0);
  EXPECT_EQ(second.started, 0);
  EXPECT_EQ(first.hint_sets, ";") << "the default has no settings and no name";
}

TEST_F(HedgeTest, AnArmThatEndsFirstGivesTheRowsAndTheDefaultIsEnded) {
  auto running = start(kNoPatience);
  first.wait_for_start();
  second.wait_for_start();
  second.end(rows(4));
  const auto outcome = running.get();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->joined);
  EXPECT_TRUE(outcome->arm_won);
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
  EXPECT_FALSE(outcome->arm_won);
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
  EXPECT_FALSE(outcome->arm_won);
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
    EXPECT_EQ(outcome->arm_won, arm_wins);
    EXPECT_EQ(outcome->execution.rows, round);
  }
  EXPECT_EQ(first.cancels, 10);
  EXPECT_EQ(second.cancels, 10);
}

}  // namespace
}  // namespace hintd::safety
