// What the paired runs that decide on a candidate have shown so far.
#pragma once

#include "core/confidence_sequence.h"

namespace hintd::learning {

inline constexpr double kWorstSaving = -1;  // twice as slow; slower counts no more

// Both bounds must hold, so each may err as often as both together may.
struct PairBounds {
  explicit PairBounds(double error);
  bool proved(double wanted) const;
  // Refuted, or so many pairs saved too little on average that more are not worth their time.
  bool hopeless(double wanted) const;

  double alpha;                     // chance that a bound is wrong, ever
  ConfidenceSequence over_default;  // of statements that get an arm
  ConfidenceSequence over_deployed;
};

}  // namespace hintd::learning
