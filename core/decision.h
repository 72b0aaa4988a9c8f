// What the optimizer answers for a statement, and why.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/clock.h"
#include "core/hint_set.h"

namespace hintd {

enum class DecisionReason : std::uint8_t {
  kObserving,        // the mode forbids hints
  kUnknownTemplate,  // no evidence yet
  kTooFast,          // below steer.min_latency_ms: nothing to win
  kNoWinner,         // measured, and no arm was proved faster
  kVerified,         // an arm proved faster for this template
  kVerifiedLiteral,  // an arm proved faster for a literal of this template
  kVerifiedPlan,     // an arm proved faster where the default plan has this shape
  kExtended,         // never measured here, but enough similar templates agree
  kExploring,        // tried on purpose, under a deadline
  kGuarded,          // a guard refused the arm
  kNeedsPlan,        // not an answer: ask again with the default plan
  kHedged,           // the default first; an arm proved faster joins in where it takes long
  kNotApplied,       // an arm was chosen, but the statement's place or kind lets no hint near
};
inline constexpr int kDecisionReasonCount = 13;

// snake_case, as stored and shown.
std::string_view to_string(DecisionReason reason);

struct Decision {
  ArmId arm = kDefaultArm;
  DecisionReason reason = DecisionReason::kUnknownTemplate;
  std::uint32_t policy_version = 0;
  float propensity = 1.0F;  // probability with which this arm was chosen in this state
  Millis patience{0};       // above 0: the default runs first, the arm joins in past it (hedged)
  Millis switch_after{0};   // the same on one connection: the arm takes its place; 0: never
  bool takes_over = false;  // past the patience it does so in any case
  Millis deadline{0};       // past it the statement is re-run under the default; 0: none

  // The arm joins in beside the default, on a second connection.
  bool joins_in() const { return patience > Millis::zero() && !takes_over; }
  // The statement runs the same way under both.
  bool runs_like(const Decision& other) const {
    return arm == other.arm && patience == other.patience && takes_over == other.takes_over;
  }
};

}  // namespace hintd
