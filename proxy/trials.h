// Arms that are not proved, tried on users' statements (inline exploring): who explores says which
// arm is due for which template, and hears how each trial ended.
#pragma once

#include <cstdint>
#include <optional>

#include "core/decision.h"

namespace hintd::proxy {

struct Trial {
  ArmId arm = kDefaultArm;
  float propensity = 1;  // chance that a statement of the template runs under the arm
  Millis deadline{0};    // the run is stopped past it, and made again under the default
};

struct TrialEnd {
  std::uint64_t fingerprint = 0;
  ArmId arm = kDefaultArm;
  Millis latency{0};  // of the run under the arm, whole or until it was stopped
  bool timed_out = false;
  bool failed = false;   // refused, or ended by an error that the default may not give
  bool settled = false;  // false: the client gave it up, and nothing is known of the arm
};

// Thread-safe; never blocks.
class Trials {
 public:
  virtual ~Trials() = default;
  // The trial that is due for a template. A look: it stays due until it is taken.
  virtual std::optional<Trial> due(std::uint64_t fingerprint) noexcept = 0;
  // True for one of those who saw it due: that statement runs under the arm, and ended() follows.
  virtual bool take(std::uint64_t fingerprint) noexcept = 0;
  virtual void ended(const TrialEnd& end) noexcept = 0;
};

}  // namespace hintd::proxy
