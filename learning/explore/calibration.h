// Whether beliefs held. Each is compared with how its trial ended; a shift of the mean and a factor
// on the standard deviation are fitted by maximum likelihood, so that the next beliefs are neither
// too sure nor too hopeful. That the most hopeful cells were the ones tried is part of what it
// corrects.
#pragma once

#include <deque>

#include "learning/explore/censored_normal.h"

namespace hintd::learning {

class Calibration {
 public:
  // `value` is what was observed, or the bound where the run was stopped; `belief` as it was before
  // the trial and before any correction.
  void record(const Gaussian& belief, double value, bool completed);
  void refit();

  Gaussian corrected(const Gaussian& belief) const;
  double shift() const { return shift_; }    // in standard deviations
  double factor() const { return factor_; }  // of the standard deviation

 private:
  struct Case {
    Gaussian belief;
    double value;
    bool completed;
  };
  double log_likelihood(double shift, double factor) const;

  std::deque<Case> cases_;  // the latest
  double shift_ = 0;
  double factor_ = 1;
};

}  // namespace hintd::learning
