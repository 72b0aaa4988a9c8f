// A normal belief with a wider normal on either side. Slower: a plan that did not end in the time a
// normal would give it is often not a little slower but far slower, and a trial stopped early must
// not look as if success were just ahead. Faster: what no evidence pointed to happens now and then.
#pragma once

#include "learning/explore/censored_normal.h"

namespace hintd::learning {

struct TailWeights {  // shares of the whole, 0..1, together below 1
  double slower = 0;
  double faster = 0;
};

class TailedNormal {
 public:
  TailedNormal(Gaussian core, TailWeights tails);
  // With the weight `tail` it is of another kind, which lies where `other` says.
  TailedNormal(Gaussian core, double tail, Gaussian other);

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
  Part parts_[3];
};

}  // namespace hintd::learning
