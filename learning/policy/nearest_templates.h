// Extends proved hints to templates that were never measured, carefully: the arm must have been
// faster on every one of enough near templates, and the network's heads must agree that it is
// faster here.
#pragma once

#include <memory>
#include <vector>

#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/agent/q_snapshot.h"
#include "learning/policy/feature_scale.h"
#include "learning/policy/unseen_config.h"

namespace hintd::learning {

// Immutable and thread-safe. Takes what it needs from the memory, then lets go of it.
class NearestTemplates final : public UnseenAdvisor {
 public:
  NearestTemplates(UnseenConfig config, float risk_bound, const PlanMemory& memory,
                   std::shared_ptr<const QSnapshot> snapshot);

  ArmId advise(const FeatureVector& features) const noexcept override;

 private:
  // One measured statement: the log ratio of every arm, NaN where it was not measured.
  struct Point {
    std::uint64_t fingerprint = 0;
    FeatureVector features{};
    std::vector<float> log_ratios;
  };

  UnseenConfig config_;
  float risk_bound_;
  std::shared_ptr<const QSnapshot> snapshot_;  // shared with the policy versions of one training
  std::vector<Point> points_;                  // by template
  FeatureScale scale_{{}};
};

}  // namespace hintd::learning
