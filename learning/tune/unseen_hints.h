// Extends proved hints to templates that were never measured, carefully: enough near templates must
// have been measured under the hint, every one of their near statements must have been faster, and
// the pessimistic bound of what they gained must be below 0 by enough.
#pragma once

#include "core/tuned_policy.h"
#include "learning/policy/feature_scale.h"
#include "learning/policy/unseen_config.h"

namespace hintd::learning {

class UnseenHints {
 public:
  // Borrows the policy.
  UnseenHints(const TunedPolicy& policy, UnseenConfig config);

  // For a default plan's features; null: the default.
  const HintSet* advise(const FeatureVector& features) const;

 private:
  // Mean log ratio over near templates, each by its worst near statement, plus two standard errors;
  // 0 or more where they are too few or do not agree.
  double pessimistic(const std::string& hint, const FeatureVector& features) const;

  const TunedPolicy& policy_;
  UnseenConfig config_;
  FeatureScale scale_{{}};
};

}  // namespace hintd::learning
