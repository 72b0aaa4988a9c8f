#include "core/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hintd {
namespace {

TEST(StatisticsTest, QuantilesInterpolateBetweenOrderStatistics) {
  const std::vector<double> values = {9, 1, 4, 16};
  EXPECT_DOUBLE_EQ(quantile(values, 0.25), 3.25);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 6.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 13.9);
}

TEST(StatisticsTest, TheOuterQuantilesAreTheExtremes) {
  const std::vector<double> values = {9, 1, 4, 16};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 16);
  EXPECT_DOUBLE_EQ(quantile(values, -0.5), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1.5), 16);
}

TEST(StatisticsTest, TheMedianOfAnOddCountIsItsMiddleValue) {
  EXPECT_DOUBLE_EQ(median({5, 1, 3}), 3);
  EXPECT_DOUBLE_EQ(median({5}), 5);
}

TEST(StatisticsTest, OfNoValuesEveryQuantileIsZero) {
  EXPECT_DOUBLE_EQ(quantile({}, 0.9), 0);
  EXPECT_DOUBLE_EQ(median({}), 0);
}

TEST(StatisticsTest, TheBootstrapIntervalCoversTheTrueRatioAsOftenAsItSays) {
  Rng rng(11);
  int covered = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < 30; ++i) {
      a.push_back(60 * std::exp(0.2 * rng.normal()));
      b.push_back(100 * std::exp(0.2 * rng.normal()));
    }
    const auto interval = bootstrap_ratio_of_medians(a, b, rng, 300);
    covered += interval.low <= 0.6 && 0.6 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 180);
  EXPECT_LT(covered, kTrials) << "an interval that is never wrong is too wide";
}

TEST(StatisticsTest, TheBootstrapResamplesPairsAndSoIgnoresWhatBothSidesShare) {
  // The machine is slow at times, for both sides alike: the ratio is 0.5 in every pair.
  const std::vector<double> b = {100, 110, 300, 105, 900, 102, 101};
  std::vector<double> a;
  for (const double value : b) a.push_back(0.5 * value);
  Rng rng(3);
  const auto interval = bootstrap_ratio_of_medians(a, b, rng);
  EXPECT_DOUBLE_EQ(interval.low, 0.5);
  EXPECT_DOUBLE_EQ(interval.high, 0.5);
}

TEST(StatisticsTest, TheSameSeedGivesTheSameBootstrapInterval) {
  const std::vector<double> a = {1, 2, 3, 4, 5};
  const std::vector<double> b = {2, 3, 3, 9, 1};
  Rng first(5);
  Rng second(5);
  const auto one = bootstrap_ratio_of_medians(a, b, first);
  const auto two = bootstrap_ratio_of_medians(a, b, second);
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.high, two.high);
}

TEST(StatisticsTest, TheNormalDistributionHasItsKnownValues) {
  EXPECT_NEAR(normal_density(0), 0.3989422804014327, 1e-15);
  EXPECT_NEAR(normal_density(2), 0.05399096651318806, 1e-15);
  EXPECT_NEAR(normal_cdf(0), 0.5, 1e-15);
  EXPECT_NEAR(normal_cdf(1.959963984540054), 0.975, 1e-14);
  EXPECT_NEAR(normal_cdf(-5) / 2.866515718791939e-07, 1, 1e-12);
}

TEST(StatisticsTest, TheNormalQuantileInvertsTheDistribution) {
  for (const double p : {1e-12, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999, 1 - 1e-9})
    EXPECT_NEAR(normal_cdf(normal_quantile(p)) / p, 1, 1e-12) << p;
}

TEST(StatisticsTest, TheNormalQuantileIsSymmetric) {
  EXPECT_DOUBLE_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile(0.025), -1.959963984540054, 1e-12);
}

TEST(StatisticsDeathTest, ANormalQuantileOutsideTheOpenIntervalIsABrokenInvariant) {
  EXPECT_DEATH(normal_quantile(0), "outside");
  EXPECT_DEATH(normal_quantile(1), "outside");
}

}  // namespace
}  // namespace hintd
