#include "learning/explore/paired_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/rng.h"

namespace hintd::learning {
namespace {

// Pairs of a plan of this true ratio until the verdict.
struct Ended {
  PairVerdict verdict;
  int pairs;
};
Ended run(double ratio, double noise_sd, PairNoise& noise, Rng& rng) {
  const PairedTestConfig config;
  PairedTest test(config, noise);
  if (!test.worth_starting(ratio)) return {PairVerdict::kNotFaster, 0};
  for (;;) {
    const auto verdict =
        test.add(ratio * std::exp(noise_sd * (rng.normal() - rng.normal())), false);
    if (verdict != PairVerdict::kMorePairs) return {verdict, test.pairs()};
  }
}

TEST(PairedTestTest, AClearWinnerNeedsTheLeastPairs) {
  PairNoise noise;
  const PairedTestConfig config;
  PairedTest test(config, noise);
  EXPECT_EQ(test.add(0.2, false), PairVerdict::kMorePairs);
  EXPECT_EQ(test.add(0.25, false), PairVerdict::kFaster);
}

TEST(PairedTestTest, ASlowerPlanIsHardlyEverConfirmed) {
  Rng rng(1);
  PairNoise noise;
  int confirmed = 0;
  for (int i = 0; i < 5000; ++i) {
    const PairedTestConfig config;
    PairedTest test(config, noise);
    auto verdict = PairVerdict::kMorePairs;
    while (verdict == PairVerdict::kMorePairs)
      verdict = test.add(1.1 * std::exp(0.2 * (rng.normal() - rng.normal())), false);
    confirmed += verdict == PairVerdict::kFaster;
  }
  EXPECT_LE(confirmed, 15);
}

TEST(PairedTestTest, LearnsTheNoiseAndConfirmsSmallerGainsOnAQuietMachine) {
  Rng rng(2);
  PairNoise quiet;
  for (int i = 0; i < 100; ++i) run(0.5, 0.02, quiet, rng);
  EXPECT_LT(quiet.variance(), 0.02);
  int confirmed = 0;
  for (int i = 0; i < 100; ++i)
    confirmed += run(0.8, 0.02, quiet, rng).verdict == PairVerdict::kFaster;
  EXPECT_GT(confirmed, 90);
}

TEST(PairedTestTest, DoesNotStartWhatCannotPay) {
  PairNoise noise;
  const PairedTestConfig config;
  PairedTest test(config, noise);
  EXPECT_FALSE(test.worth_starting(0.97));
  EXPECT_FALSE(test.worth_starting(1.5));
  EXPECT_TRUE(test.worth_starting(0.3));
}

TEST(PairedTestTest, TellsWhatItStillTakes) {
  PairNoise noise;
  const PairedTestConfig config{.least_pairs = 3};
  PairedTest test(config, noise);
  EXPECT_DOUBLE_EQ(test.executions_left(0.5), 3 * 1.5);
  EXPECT_DOUBLE_EQ(test.executions_left(0.1), 3 * 0.5);  // the default is stopped
  EXPECT_GT(test.executions_left(0.7), 3 * 1.7);
  EXPECT_EQ(test.executions_left(0.97), std::numeric_limits<double>::infinity());
  test.add(0.5, false);
  EXPECT_DOUBLE_EQ(test.executions_left(0.5), 2 * 1.5);
}

TEST(PairedTestTest, AStoppedDefaultCountsAsItsBoundAndNotAsQuiet) {
  PairNoise noise;
  const double before = noise.variance();
  const PairedTestConfig config;
  PairedTest test(config, noise);
  EXPECT_EQ(test.add(0.25, true), PairVerdict::kMorePairs);
  EXPECT_EQ(test.add(0.25, true), PairVerdict::kFaster);
  EXPECT_EQ(noise.variance(), before);
}

}  // namespace
}  // namespace hintd::learning
