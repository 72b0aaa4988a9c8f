#include "safety/regression_guard.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "core/statistics.h"
#include "samples.h"

namespace hintd::safety {
namespace {

bool any(const DefaultRun&) {
  return true;
}

// Latencies around 100 ms with 30 % log-normal spread.
class RegressionGuardTest : public testing::Test {
 protected:
  double latency(double slowdown = 1) { return slowdown * 100 * std::exp(0.3 * rng_.normal()); }
  void know_default(std::size_t runs = RegressionGuard::kKept) {
    for (std::size_t i = 0; i < runs; ++i) guard_.default_run(kTemplate, {{}, latency()});
  }
  // 0: not within `limit`.
  int runs_until_convicted(double slowdown, int limit) {
    for (int run = 1; run <= limit; ++run)
      if (guard_.hinted_run(kTemplate, kArm, Millis(latency(slowdown)), any)) return run;
    return 0;
  }

  Rng rng_{7};
  RegressionGuard guard_{0.01};
};

TEST_F(RegressionGuardTest, AnArmAsFastAsTheDefaultIsKept) {
  know_default();
  EXPECT_EQ(runs_until_convicted(1, 10'000), 0);
}

TEST_F(RegressionGuardTest, OneOutlierDoesNotConvict) {
  know_default();
  EXPECT_FALSE(guard_.hinted_run(kTemplate, kArm, Millis(1e6), any));
}

TEST_F(RegressionGuardTest, AnArmTwiceAsSlowIsConvictedWithinTwentyRuns) {
  know_default();
  const int runs = runs_until_convicted(2, 20);
  EXPECT_GT(runs, 1);
}

TEST_F(RegressionGuardTest, AnArmThatTurnsBadLateIsConvictedAsWell) {
  know_default();
  ASSERT_EQ(runs_until_convicted(1, 5000), 0);
  EXPECT_GT(runs_until_convicted(2, 20), 0);
}

TEST_F(RegressionGuardTest, SaysHowMuchSlowerTheArmIs) {
  know_default();
  std::optional<Regression> found;
  while (!found) found = guard_.hinted_run(kTemplate, kArm, Millis(latency(2)), any);
  EXPECT_NEAR(found->ratio, 2, 0.5);
}

TEST_F(RegressionGuardTest, WithoutABaselineNothingIsJudged) {
  know_default(LatencyScale::kFewest - 1);
  EXPECT_EQ(runs_until_convicted(10, 100), 0);
}

TEST_F(RegressionGuardTest, ComparesWithLikeRunsAlone) {
  know_default();  // fast ones
  for (int i = 0; i < 40; ++i) guard_.default_run(kTemplate, {{}, latency(20)});
  const auto slow_ones = [](const DefaultRun& run) { return run.latency_ms > 500; };
  for (int i = 0; i < 200; ++i)
    EXPECT_FALSE(guard_.hinted_run(kTemplate, kArm, Millis(latency(15)), slow_ones));
}

TEST_F(RegressionGuardTest, AfterAConvictionTheFreshBaselineDecides) {
  know_default();
  ASSERT_GT(runs_until_convicted(2, 20), 0);
  // The data grew: the default has become as slow.
  for (std::size_t i = 0; i < RegressionGuard::kKept; ++i)
    guard_.default_run(kTemplate, {{}, latency(2)});
  EXPECT_EQ(runs_until_convicted(2, 2000), 0);
}

TEST_F(RegressionGuardTest, TemplatesWhoseLatencyNeverVariesAreJudgedToo) {
  for (int i = 0; i < 20; ++i) guard_.default_run(kTemplate, {{}, 5.0});
  EXPECT_FALSE(guard_.hinted_run(kTemplate, kArm, Millis(5), any));
  int runs = 1;
  while (!guard_.hinted_run(kTemplate, kArm, Millis(10), any)) ASSERT_LT(++runs, 20);
}

TEST(ShiftTestTest, TheFalseAlarmsOfAllBlocksAddUpToTheLimit) {
  double total = 0;
  for (int block = 1; block <= 100'000; ++block)
    total += std::exp(-log_evidence_needed(0.01, block));
  EXPECT_LT(total, 0.01);
  EXPECT_GT(total, 0.0099);
}

}  // namespace
}  // namespace hintd::safety
