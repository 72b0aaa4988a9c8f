#include "learning/policy/off_policy.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/rng.h"

namespace hintd::learning {
namespace {

// Logs of a policy that ran the other arm with probability `share`; it saves `truth`, the model
// believes `belief`.
std::vector<OffPolicySample> logs(double share, double truth, double belief, int runs) {
  Rng rng(1);
  std::vector<OffPolicySample> samples;
  for (int i = 0; i < runs; ++i) {
    OffPolicySample sample;
    sample.same_arm = rng.chance(share);
    sample.propensity = sample.same_arm ? share : 1 - share;
    sample.default_ms = 10 + 90 * rng.uniform();
    sample.saved = (sample.same_arm ? truth : 0) + 0.1 * rng.normal();
    sample.model_of_logged = sample.same_arm ? belief : 0;
    sample.model_of_policy = belief;
    sample.changed = true;
    samples.push_back(sample);
  }
  return samples;
}

TEST(OffPolicyTest, WithoutSupportThereIsNoClaim) {
  EXPECT_FALSE(estimate_off_policy(logs(0, 0.5, 0.5, 1000)).claimed);
  EXPECT_FALSE(estimate_off_policy(logs(0.1, 0.5, 0.5, 20)).claimed);
  EXPECT_FALSE(estimate_off_policy({}).claimed);
}

TEST(OffPolicyTest, FindsTheSavingUnderAModelThatIsWrong) {
  for (const double belief : {-0.5, 0.0, 0.9}) {
    const auto estimate = estimate_off_policy(logs(0.2, 0.4, belief, 4000));
    ASSERT_TRUE(estimate.claimed);
    EXPECT_NEAR(estimate.saved, 0.4, 0.03) << belief;
    EXPECT_LT(estimate.lower, 0.4);
    EXPECT_GT(estimate.upper, 0.4 - 0.01);
  }
}

TEST(OffPolicyTest, ALossIsBelowZeroForSure) {
  const auto estimate = estimate_off_policy(logs(0.3, -0.5, 0.5, 2000));
  ASSERT_TRUE(estimate.claimed);
  EXPECT_LT(estimate.upper, 0);
}

}  // namespace
}  // namespace hintd::learning
