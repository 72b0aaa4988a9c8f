// A job that is due every so often on a calendar that may jump: ahead, it is due once, not as often
// as it was missed; back, it is due no later than one period from then.
#pragma once

#include <algorithm>
#include <optional>

#include "core/clock.h"

namespace hintd {

class Schedule {
 public:
  explicit Schedule(Seconds every) : every_(std::chrono::ceil<std::chrono::microseconds>(every)) {}

  // True when the job is to be done now; first one period after the first call.
  bool due(TimePoint now) {
    if (!next_) next_ = now + every_;
    next_ = std::min(*next_, now + every_);
    if (now < *next_) return false;
    next_ = now + every_;
    return true;
  }

 private:
  std::chrono::microseconds every_;
  std::optional<TimePoint> next_;
};

}  // namespace hintd
