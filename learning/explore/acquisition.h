// Which timeout to give a cell, and what the trial is worth: expected seconds won per expected
// second charged.
#pragma once

#include "learning/explore/censored_normal.h"

namespace hintd::learning {

struct Offer {
  double score = 0;  // seconds won a second charged; 0: not worth a trial
  double timeout_s = 0;
};

// `belief` is over the cell's log seconds; the cell is known to exceed `bound_s` (0: nothing known)
// and wins where it stays below `best_s`. Timeouts go up to `cap` of the best, 0..1.
Offer best_offer(const Gaussian& belief, double bound_s, double best_s, double cap);

}  // namespace hintd::learning
