// What the agent learns from: one run of a query under an arm.
#pragma once

#include <cstdint>
#include <optional>

#include "core/features.h"
#include "core/hint_set.h"

namespace hintd::learning {

struct Transition {
  FeatureVector state{};
  ArmId arm = kDefaultArm;
  float cost = 0;         // cost_of (learning/agent/reward.h): a log-ratio, below 0 is better
  bool censored = false;  // the run was stopped: the true cost is at least `cost`
  std::uint64_t fingerprint = 0;
  std::optional<FeatureVector> next_state;  // the query after it; none ends an episode
};

}  // namespace hintd::learning
