// A policy as it is kept: numbered, with what it came from and what it was proved by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/policy.h"

namespace hintd::learning {

using PolicyId = std::uint32_t;
// PostgreSQL's own planner, no hints: always there, always allowed.
inline constexpr PolicyId kNoPolicy = 0;

// As database administrators know them from plan baselines.
enum class PolicyState : std::uint8_t {
  kUnapproved,  // made, not yet allowed to serve
  kApproved,    // may be deployed
  kPreferred,   // pinned: no other one is deployed by itself
  kRejected,    // failed its validation, was taken back, or was refused by somebody
};
std::string_view to_string(PolicyState state);

// Never changes once it is stored.
struct PolicyVersion {
  PolicyId id = kNoPolicy;      // given by the store
  PolicyId parent = kNoPolicy;  // what was deployed when it was made
  TimePoint made;
  std::string server;    // which database it was measured on
  std::string evidence;  // what it was validated by, JSON; empty before
  // Rules of the candidate (choices_of, policy_learner.h) that stood or fell with its validation:
  // once it is rejected none of them is tried again in place of the same parent.
  std::vector<std::uint64_t> judged;
  std::string hyperparameters;  // the settings in force, JSON
  TemplateRules rules;
};

}  // namespace hintd::learning
