#include "safety/policy_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/rng.h"

namespace hintd::safety {
namespace {

PolicyWatch::Baseline around(double ms, Rng& rng) {
  std::vector<double> sample;
  double mean = 0;
  for (int i = 0; i < 128; ++i) {
    sample.push_back(ms * std::exp(0.3 * rng.normal()));
    mean += sample.back() / 128;
  }
  return {LatencyScale(sample), mean, 0.03 * ms};
}

// Over twenty templates; 0: not within `limit`.
int runs_until_too_slow(PolicyWatch& watch, Rng& rng, double slowdown, int limit) {
  std::vector<PolicyWatch::Baseline> templates;
  for (int i = 0; i < 20; ++i) templates.push_back(around(1 + i, rng));
  for (int run = 1; run <= limit; ++run) {
    const auto which = rng.below(20);
    const double ms = slowdown * static_cast<double>(1 + which) * std::exp(0.3 * rng.normal());
    if (watch.too_slow(which, ms, templates[which])) return run;
  }
  return 0;
}

TEST(PolicyWatchTest, KeepsAPolicyThatIsAsFastAsTheDefault) {
  PolicyWatch watch(0.15, 0.01);
  Rng rng(1);
  EXPECT_EQ(runs_until_too_slow(watch, rng, 1, 10'000), 0);
}

TEST(PolicyWatchTest, KeepsAPolicyThatIsSlowerByLessThanTheThreshold) {
  PolicyWatch watch(0.15, 0.01);
  Rng rng(2);
  EXPECT_EQ(runs_until_too_slow(watch, rng, 1.1, 10'000), 0);
}

TEST(PolicyWatchTest, TakesBackAPolicyTwiceAsSlow) {
  PolicyWatch watch(0.15, 0.01);
  Rng rng(3);
  EXPECT_GT(runs_until_too_slow(watch, rng, 2, 15), 1);
}

TEST(PolicyWatchTest, OneEndlessRunDoesNotDecide) {
  PolicyWatch watch(0.15, 0.01);
  Rng rng(4);
  EXPECT_FALSE(watch.too_slow(1, 1e9, around(1, rng)));
}

TEST(PolicyWatchTest, SlowdownsOfFastTemplatesDoNotOutweighGainsOfSlowOnes) {
  PolicyWatch watch(0.15, 0.01);
  Rng rng(5);
  const auto slow = around(1000, rng);
  const auto fast = around(1, rng);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_FALSE(watch.too_slow(1, 100, slow));  // wins 900 ms
    ASSERT_FALSE(watch.too_slow(2, 2, fast));    // loses 1 ms
  }
}

}  // namespace
}  // namespace hintd::safety
