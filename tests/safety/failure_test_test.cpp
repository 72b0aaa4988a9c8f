#include "safety/failure_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/rng.h"

namespace hintd::safety {
namespace {

constexpr double kFalseAlarms = 0.01;

// Runs until too many have failed; 0: not within `limit`.
int runs_until_too_many(double share, std::uint64_t seed, int limit) {
  FailureTest test(kFalseAlarms);
  Rng rng(seed);
  for (int run = 1; run <= limit; ++run)
    if (test.too_many(rng.chance(share))) return run;
  return 0;
}

TEST(FailureTestTest, RunsThatFailAsOftenAsUsualAreHardlyEverTooMany) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    alarms += runs_until_too_many(FailureTest::kUsual, seed, 2000) > 0;
  EXPECT_LE(alarms, 10);
}

TEST(FailureTestTest, HalfOfTheRunsAreFoundTooManyWithinADozenOrTwo) {
  std::vector<int> runs;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    runs.push_back(runs_until_too_many(0.5, seed, 2000));
  std::sort(runs.begin(), runs.end());
  EXPECT_GT(runs.front(), 2) << "two failures may be chance";
  EXPECT_LE(runs[100], 12);
  EXPECT_LE(runs[190], 30);
}

TEST(FailureTestTest, AStreamThatTurnsBadAfterALongGoodTimeIsFoundSoon) {
  FailureTest test(kFalseAlarms);
  for (int run = 0; run < 5000; ++run) ASSERT_FALSE(test.too_many(false));
  int needed = 1;
  while (!test.too_many(true)) ++needed;
  EXPECT_LE(needed, 150);
}

TEST(FailureTestTest, GoesOnWhereAnotherStood) {
  FailureTest before(kFalseAlarms);
  FailureTest whole(kFalseAlarms);
  for (int run = 0; run < 2; ++run) {
    ASSERT_FALSE(before.too_many(true));
    ASSERT_FALSE(whole.too_many(true));
  }
  FailureTest after(kFalseAlarms);
  after.restore(before.state());
  for (int run = 0; run < 20; ++run) ASSERT_EQ(after.too_many(true), whole.too_many(true));
}

}  // namespace
}  // namespace hintd::safety
