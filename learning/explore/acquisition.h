// Which timeout to give a trial, and what it is worth: expected time won per expected time charged.
// The one rule of all explorers, whatever they believe and from what.
#pragma once

#include <span>

#include "learning/explore/tailed_normal.h"

namespace hintd::learning {

struct Offer {
  double score = 0;  // seconds won a second charged; 0: not worth a trial
  double timeout_s = 0;
};

// The best of the timeouts. `belief` is over the log latency of what is to be tried, which is known
// to exceed `bound_s` (0: nothing known) and wins where it stays below `best_s`. Where it ends
// within T with probability P, given the bound, and its latency then weighs Q, the trial scores
// (best P - Q) / (Q + T (1 - P)). Seconds may be any unit, all of them the same.
Offer best_offer(const TailedNormal& belief, double bound_s, double best_s,
                 std::span<const double> timeouts_s);

}  // namespace hintd::learning
