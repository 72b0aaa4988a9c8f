// A normal belief with a second, wider one behind it: plans that did not end in the time a normal
// would give them are often not a little slower but far slower, and a trial stopped early must not
// look as if success were just ahead.
#pragma once

#include <array>

#include "learning/explore/censored_normal.h"

namespace hintd::learning {

class TailedNormal {
 public:
  // `tail` 0..1 is the share of the tail: centred two and a half standard deviations above the
  // core's mean, twice as wide.
  TailedNormal(Gaussian core, double tail);
  // The same, but with the probability `chance` (0..1) it is of another kind and lies where `other`
  // says. Once at most.
  TailedNormal mixed_with(double chance, Gaussian other) const;

  double below(double y) const;  // P(Y < y)
  double log_density(double y) const;
  double log_above(double y) const;  // log P(Y > y)
  // E[exp(Y); Y < y]: of a belief over log seconds, the seconds spent below y.
  double seconds_below(double y) const;

 private:
  struct Part {
    double weight = 0;
    double mean = 0;
    double sd = 1;
  };
  // The sum of what `of` says of each part, by weight.
  template <class Of>
  double weighed(const Of& of) const;

  std::array<Part, 3> parts_;  // core, tail, the other kind
};

}  // namespace hintd::learning
