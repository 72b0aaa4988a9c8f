#include "proxy/attempts.h"

namespace hintd::proxy {

Attempts Attempts::of(const Decision& decision) {
  Attempts made;
  const auto add = [&](ArmId arm, Millis limit) { made.attempts_[made.size_++] = {arm, limit}; };
  if (decision.patience > Millis::zero()) add(kDefaultArm, decision.patience);
  if (decision.arm != kDefaultArm) add(decision.arm, decision.deadline);
  add(kDefaultArm, Millis(0));
  return made;
}

}  // namespace hintd::proxy
