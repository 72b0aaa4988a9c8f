// Whether beliefs held. Each is compared with how its trial ended; a shift of the mean, a factor on
// the standard deviation and the weight of the tail are fitted by maximum likelihood, so that the
// next beliefs are neither too sure nor too hopeful. That the most hopeful cells were the ones
// tried is part of what it corrects.
#pragma once

#include <deque>
#include <optional>

#include "learning/explore/tailed_normal.h"

namespace hintd::learning {

// One trial: the belief as it was before, uncorrected, and how the trial ended.
struct BeliefCase {
  Gaussian belief;
  std::optional<double> known_bound;  // what the value was known to exceed beforehand
  double value = 0;                   // observed, or the bound where the run was stopped
  bool completed = false;
};

struct Correction {
  double shift = 0;   // in standard deviations
  double factor = 1;  // of the standard deviation
  double tail = 0.2;  // weight
};

class Calibration {
 public:
  void record(const BeliefCase& one);
  void refit();
  TailedNormal corrected(const Gaussian& belief) const { return apply(correction_, belief); }
  const Correction& correction() const { return correction_; }

 private:
  static TailedNormal apply(const Correction& correction, const Gaussian& belief);
  double log_likelihood(const Correction& correction) const;

  std::deque<BeliefCase> cases_;  // the latest
  Correction correction_;
};

}  // namespace hintd::learning
