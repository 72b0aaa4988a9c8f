// Which timeout to give a cell, and what the trial is worth: expected seconds won per expected
// second charged.
#pragma once

#include "learning/explore/tailed_normal.h"

namespace hintd::learning {

struct Offer {
  double score = 0;  // seconds won a second charged; 0: not worth a trial
  double timeout_s = 0;
};

// `belief` is over the cell's log seconds; the cell is known to exceed `bound_s` (0: nothing known)
// and wins where it stays below `best_s`. A trial that was stopped is offered again only with a
// timeout `longer` times as long.
Offer best_offer(const TailedNormal& belief, double bound_s, double best_s, double longer);

}  // namespace hintd::learning
