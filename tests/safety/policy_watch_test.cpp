#include "safety/policy_watch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"

namespace hintd::safety {
namespace {

// 0: not within `limit`.
int runs_until_too_slow(PolicyWatch& watch, Rng& rng, double slowdown, int limit) {
  for (int run = 1; run <= limit; ++run) {
    const double mean = std::exp(0.3 * 0.3 / 2);
    if (watch.too_slow(slowdown * std::exp(0.3 * rng.normal()), mean, 0.02)) return run;
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
  EXPECT_GT(runs_until_too_slow(watch, rng, 2, 40), 1);
}

TEST(PolicyWatchTest, OneEndlessRunDoesNotDecide) {
  PolicyWatch watch(0.15, 0.01);
  EXPECT_FALSE(watch.too_slow(1e9, 1, 0));
}

TEST(PolicyWatchTest, SlowdownsOfFastTemplatesDoNotOutweighGainsOfSlowOnes) {
  PolicyWatch watch(0.15, 0.01);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_FALSE(watch.too_slow(100, 1000, 1));  // wins 900 ms
    ASSERT_FALSE(watch.too_slow(2, 1, 0));       // loses 1 ms
  }
}

}  // namespace
}  // namespace hintd::safety
