#include "learning/tune/unseen_hints.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hintd::learning {
namespace {

constexpr double kStandardErrors = 2;
// Templates beyond those near may differ by this much, log ratio: few that agree are not certainty.
constexpr double kLeastSpread = 0.2;

}  // namespace

UnseenHints::UnseenHints(const TunedPolicy& policy, UnseenConfig config)
    : policy_(policy), config_(config) {
  const auto n = std::max<double>(1, static_cast<double>(policy.plans.size()));
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    double sum = 0;
    double squares = 0;
    for (const auto& plan : policy.plans) {
      sum += plan.features[i];
      squares += plan.features[i] * plan.features[i];
    }
    const double variance = squares / n - sum / n * (sum / n);
    scale_[i] = variance > 1e-6 ? static_cast<float>(std::sqrt(variance)) : 1.0F;
  }
}

double UnseenHints::distance(const FeatureVector& a, const FeatureVector& b) const {
  double sum = 0;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const double difference = (a[i] - b[i]) / scale_[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / kFeatureCount);
}

double UnseenHints::pessimistic(const std::string& hint, const FeatureVector& features) const {
  std::map<std::uint64_t, double> worst;  // by template
  for (const auto& plan : policy_.plans) {
    if (distance(plan.features, features) > config_.radius) continue;
    for (const auto& evidence : plan.hints) {
      if (evidence.hint != hint) continue;
      // A run that was stopped counts as slower: it may have been, and caution is free here.
      const double value =
          evidence.stopped ? std::max(0.0, evidence.log_ratio) : evidence.log_ratio;
      const auto [place, is_new] = worst.emplace(plan.fingerprint, value);
      if (!is_new) place->second = std::max(place->second, value);
    }
  }
  if (static_cast<int>(worst.size()) < config_.min_templates) return 0;
  double sum = 0;
  double squares = 0;
  for (const auto& [fingerprint, value] : worst) {
    if (value >= 0) return 0;
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(worst.size());
  const double mean = sum / n;
  const double spread = std::max(kLeastSpread, std::sqrt(std::max(0.0, squares / n - mean * mean)));
  return mean + kStandardErrors * spread / std::sqrt(n);
}

const HintSet* UnseenHints::advise(const FeatureVector& features) const {
  const HintSet* best = nullptr;
  double least = config_.max_pessimistic_cost;
  for (const auto& set : policy_.hint_sets) {
    const double bound = pessimistic(set.name, features);
    if (bound >= least) continue;
    best = &set;
    least = bound;
  }
  return best;
}

}  // namespace hintd::learning
