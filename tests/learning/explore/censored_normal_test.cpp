#include "learning/explore/censored_normal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/statistics.h"
#include "learning/explore/acquisition.h"
#include "learning/explore/tailed_normal.h"

namespace hintd::learning {
namespace {

constexpr double kStep = 1e-4;

// Moments of the prior above the bound, by the midpoint rule.
Gaussian integrated(const Gaussian& prior, double bound) {
  const double sd = std::sqrt(prior.variance);
  double mass = 0;
  double first = 0;
  double second = 0;
  for (double y = bound + kStep / 2; y < std::max(bound, prior.mean) + 10 * sd; y += kStep) {
    const double p = normal_density((y - prior.mean) / sd);
    mass += p;
    first += p * y;
    second += p * y * y;
  }
  const double mean = first / mass;
  return {mean, second / mass - mean * mean};
}

TEST(CensoredNormalTest, TruncatedMomentsAgreeWithNumericIntegration) {
  for (const double bound : {-3.0, 0.0, 1.0, 3.0}) {
    const Gaussian prior{0.3, 1.7};
    const auto expected = integrated(prior, bound);
    const auto moments = truncated_moments(prior, bound);
    EXPECT_NEAR(moments.mean, expected.mean, 1e-4) << bound;
    EXPECT_NEAR(moments.variance, expected.variance, 1e-4) << bound;
  }
}

TEST(CensoredNormalTest, ASiteTimesItsPriorHasTheTruncatedMoments) {
  const Gaussian prior{-0.5, 0.8};
  const auto site = censored_site(prior, 0.2);
  const auto moments = truncated_moments(prior, 0.2);
  const double precision = 1 / prior.variance + 1 / site.variance;
  EXPECT_NEAR(1 / precision, moments.variance, 1e-9);
  EXPECT_NEAR((prior.mean / prior.variance + site.mean / site.variance) / precision, moments.mean,
              1e-9);
}

TEST(CensoredNormalTest, ABoundFarBelowThePriorIsNoEvidence) {
  EXPECT_GT(censored_site({0, 1}, -8).variance, 1e5);
}

TEST(CensoredNormalTest, TheFarTailStaysFinite) {
  EXPECT_NEAR(log_normal_above(19.999), log_normal_above(20.001), 0.1);
  const auto moments = truncated_moments({0, 1}, 60);
  EXPECT_NEAR(moments.mean, 60 + 1 / 60.0, 1e-3);
  EXPECT_GT(moments.variance, 0);
}

TEST(TailedNormalTest, SecondsBelowAgreeWithNumericIntegration) {
  const TailedNormal belief({-0.2, 0.6}, 0.2);
  double seconds = 0;
  double mass = 0;
  for (double y = -20 + kStep / 2; y < 0.4; y += kStep) {
    const double p = std::exp(belief.log_density(y)) * kStep;
    mass += p;
    seconds += p * std::exp(y);
  }
  EXPECT_NEAR(belief.seconds_below(0.4), seconds, 1e-4);
  EXPECT_NEAR(belief.below(0.4), mass, 1e-4);
  EXPECT_NEAR(std::exp(belief.log_above(0.4)), 1 - mass, 1e-4);
}

TEST(TailedNormalTest, OfTwoKindsItIsTheWeightedSum) {
  const auto both = TailedNormal({0, 0.25}, 0).mixed_with(0.2, {-1, 1});
  EXPECT_NEAR(both.below(0), 0.8 * 0.5 + 0.2 * normal_cdf(1), 1e-12);
  const TailedNormal usual({0, 0.25}, 0);
  const TailedNormal other({-1, 1}, 0);
  EXPECT_NEAR(both.seconds_below(0), 0.8 * usual.seconds_below(0) + 0.2 * other.seconds_below(0),
              1e-12);
}

constexpr double kTimeouts[] = {1, 2, 4, 8, 10};

TEST(AcquisitionTest, APlanSurelyFasterIsWorthWhatItWinsASecondItTakes) {
  const auto offer = best_offer(TailedNormal({std::log(2.0), 1e-6}, 0), 0, 10, kTimeouts);
  EXPECT_NEAR(offer.score, (10.0 - 2.0) / 2.0, 1e-2);
  EXPECT_GT(offer.timeout_s, 2);
}

TEST(AcquisitionTest, APlanSurelySlowerIsWorthNothing) {
  EXPECT_LT(best_offer(TailedNormal({std::log(50.0), 1e-4}, 0), 0, 10, kTimeouts).score, 1e-6);
}

TEST(AcquisitionTest, AStoppedTrialIsOfferedOnlyALongerTimeout) {
  const TailedNormal belief({0, 1}, 0.2);
  EXPECT_GE(best_offer(belief, 2, 10, kTimeouts).timeout_s, 4);
  EXPECT_EQ(best_offer(belief, 10, 10, kTimeouts).score, 0);
}

TEST(AcquisitionTest, TheScoreIsThatOfItsFormula) {
  const Gaussian belief{0.5, 0.7};
  constexpr double kOne[] = {3};
  const double p = normal_cdf((std::log(3.0) - 0.5) / std::sqrt(0.7));
  const double q = std::exp(0.85) * normal_cdf((std::log(3.0) - 0.5 - 0.7) / std::sqrt(0.7));
  EXPECT_NEAR(best_offer(TailedNormal(belief, 0), 0, 5, kOne).score,
              (5 * p - q) / (q + 3 * (1 - p)), 1e-9);
}

}  // namespace
}  // namespace hintd::learning
