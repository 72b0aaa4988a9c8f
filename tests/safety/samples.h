// What the tests of this room talk about: a template, an arm, and statements that end at once.
#pragma once

#include "core/decision.h"
#include "core/hint_set.h"
#include "core/plan_executor.h"

namespace hintd::safety {

inline constexpr std::uint64_t kTemplate = 0x9f3ac1;
inline constexpr ArmId kArm = 3;
inline const HintSet kDefault{"default", "", {}};
inline const HintSet kHinted{"no_nestloop", "", {{"enable_nestloop", "off"}}};
inline constexpr Millis kEndless{3'600'000};

inline Execution rows(std::int64_t count, Millis latency = Millis{5}) {
  return {latency, false, count, 7};
}

}  // namespace hintd::safety
