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
  std::vector<const FeatureVector*> measured;
  for (const auto& plan : policy.plans) measured.push_back(&plan.features);
  scale_ = FeatureScale(measured);
}

double UnseenHints::pessimistic(const std::string& hint, const FeatureVector& features) const {
  std::map<std::uint64_t, double> worst;  // by template
  for (const auto& plan : policy_.plans) {
    if (scale_.distance(plan.features, features) > config_.radius) continue;
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
