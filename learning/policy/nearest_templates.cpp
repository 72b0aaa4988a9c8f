#include "learning/policy/nearest_templates.h"

#include <cmath>
#include <limits>

namespace hintd::learning {
namespace {

// Index of the feature that is log1p(total cost) / 10, by name so that a new order cannot break it.
std::size_t cost_feature() {
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    if (feature_name(i) == "plan_total_cost") return i;
  return 0;
}

// What nearby templates say of one arm.
struct Votes {
  int templates = 0;  // that measured it
  int faster = 0;
  std::uint64_t last = 0;
  bool last_faster = true;
};

}  // namespace

NearestTemplates::NearestTemplates(UnseenConfig config, float risk_bound, const PlanMemory& memory,
                                   std::shared_ptr<const QSnapshot> snapshot)
    : config_(config), risk_bound_(risk_bound), snapshot_(std::move(snapshot)) {
  for (const auto& [fingerprint, statements] : memory.templates()) {
    for (const auto& [id, statement] : statements) {
      if (statement.default_ms() <= 0) continue;
      Point point{fingerprint, statement.features, {}};
      for (std::size_t arm = 0; arm < statement.group_of_arm.size(); ++arm) {
        const auto ratio = statement.ratio(static_cast<ArmId>(arm));
        // A run that was stopped counts as slower: it may have been, and caution is free here. So
        // does an arm that failed or gave another result.
        const bool veto = statement.runs_of(static_cast<ArmId>(arm)).unusable ||
                          (!ratio && statement.ratio_bound(static_cast<ArmId>(arm)) > 0);
        point.log_ratios.push_back(veto    ? 1.0F
                                   : ratio ? static_cast<float>(std::log(*ratio))
                                           : std::numeric_limits<float>::quiet_NaN());
      }
      points_.push_back(std::move(point));
    }
  }
  std::vector<const FeatureVector*> measured;
  for (const auto& point : points_) measured.push_back(&point.features);
  scale_ = FeatureScale(measured);
}

ArmId NearestTemplates::advise(const FeatureVector& features) const noexcept {
  static const std::size_t kCost = cost_feature();
  if (std::expm1(10.0 * features[kCost]) < config_.min_plan_cost) return kDefaultArm;
  constexpr std::size_t kMaxArms = 64;
  std::array<Votes, kMaxArms> votes{};
  const auto arms = std::min<std::size_t>(kMaxArms, static_cast<std::size_t>(snapshot_->arms()));
  const float radius = static_cast<float>(config_.radius);
  for (const auto& point : points_) {
    if (scale_.distance(point.features, features) > radius) continue;
    for (std::size_t arm = 1; arm < std::min(arms, point.log_ratios.size()); ++arm) {
      if (std::isnan(point.log_ratios[arm])) continue;
      auto& vote = votes[arm];
      const bool faster = point.log_ratios[arm] < 0;
      if (vote.templates == 0 || vote.last != point.fingerprint) {
        vote.faster += vote.templates > 0 && vote.last_faster ? 1 : 0;
        ++vote.templates;
        vote.last = point.fingerprint;
        vote.last_faster = true;
      }
      vote.last_faster = vote.last_faster && faster;
    }
  }
  const auto q = snapshot_->evaluate(features);
  ArmId best = kDefaultArm;
  float best_cost = static_cast<float>(config_.max_pessimistic_cost);
  for (std::size_t arm = 1; arm < arms; ++arm) {
    const auto& vote = votes[arm];
    const int faster = vote.faster + (vote.templates > 0 && vote.last_faster ? 1 : 0);
    if (vote.templates < config_.min_templates || faster < vote.templates) continue;
    const float cost = q.pessimistic(static_cast<ArmId>(arm), risk_bound_);
    if (cost < best_cost) {
      best = static_cast<ArmId>(arm);
      best_cost = cost;
    }
  }
  return best;
}

}  // namespace hintd::learning
