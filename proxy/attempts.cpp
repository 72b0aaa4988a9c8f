#include "proxy/attempts.h"

namespace hintd::proxy {

Attempts Attempts::of(const Decision& decision) {
  Attempts made;
  const auto add = [&](ArmId arm, Millis limit) { made.attempts_[made.size_++] = {arm, limit}; };
  const bool hedged = decision.patience > Millis::zero();
  if (decision.arm != kDefaultArm && (!hedged || decision.switch_after > Millis::zero())) {
    if (hedged) add(kDefaultArm, decision.switch_after);
    add(decision.arm, decision.deadline);
  }
  add(kDefaultArm, Millis(0));
  return made;
}

}  // namespace hintd::proxy
