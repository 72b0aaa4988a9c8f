#include "learning/policy/off_policy.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hintd::learning {
namespace {

constexpr double kFewestEffectiveRuns = 10;
constexpr double kOneSided95 = 1.645;

}  // namespace

OffPolicyEstimate estimate_off_policy(std::span<const OffPolicySample> samples, double max_weight) {
  OffPolicyEstimate estimate;
  estimate.samples = samples.size();
  double time = 0;
  double weights = 0;
  double support = 0;
  double support_squared = 0;
  std::vector<double> weight_of;
  for (const auto& sample : samples) {
    const double weight = sample.same_arm ? std::min(1 / sample.propensity, max_weight) : 0;
    weight_of.push_back(weight);
    time += sample.default_ms;
    weights += sample.default_ms * weight;
    if (sample.changed) {
      support += weight;
      support_squared += weight * weight;
    }
  }
  // Effective sample size (Kish, 1965).
  estimate.effective_runs = support_squared > 0 ? support * support / support_squared : 0;
  if (estimate.effective_runs < kFewestEffectiveRuns || weights <= 0) return estimate;

  // model + (weighted residuals) / (sum of weights): self-normalised.
  const double scale = time / weights;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& s = samples[i];
    estimate.saved += s.default_ms / time *
                      (s.model_of_policy + scale * weight_of[i] * (s.saved - s.model_of_logged));
  }
  double variance = 0;  // by the delta method: each run's influence on the ratio, squared
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& s = samples[i];
    const double value = s.model_of_policy + scale * weight_of[i] * (s.saved - s.model_of_logged);
    const double influence = s.default_ms / time * (value - estimate.saved);
    variance += influence * influence;
  }
  const double margin = kOneSided95 * std::sqrt(variance);
  estimate.claimed = true;
  estimate.lower = estimate.saved - margin;
  estimate.upper = estimate.saved + margin;
  return estimate;
}

}  // namespace hintd::learning
