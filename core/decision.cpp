#include "core/decision.h"

#include <array>

namespace hintd {

std::string_view to_string(DecisionReason reason) {
  static constexpr std::array<std::string_view, kDecisionReasonCount> kNames = {
      "observing",        "unknown_template", "too_fast",   "no_winner", "verified",
      "verified_literal", "verified_plan",    "extended",   "exploring", "guarded",
      "needs_plan",       "hedged",           "not_applied"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace hintd
