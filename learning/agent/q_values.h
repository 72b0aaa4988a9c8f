// What every head says of every arm in one state. Costs: below the default's is better.
#pragma once

#include <span>
#include <vector>

#include "core/hint_set.h"

namespace hintd::learning {

class QValues {
 public:
  // values[head * arms + arm]
  QValues(std::vector<float> values, int heads);

  int heads() const { return heads_; }
  int arms() const { return arms_; }
  float at(int head, ArmId arm) const { return values_[head * arms_ + arm]; }
  float mean(ArmId arm) const;
  // Standard deviation over the heads.
  float spread(ArmId arm) const;
  // Of the arm's cost beyond the default's, mean + z standard deviations over the heads: 0 for the
  // default, below 0 only where the heads agree that the arm is faster.
  float pessimistic(ArmId arm, float z) const;

  // The arm of `allowed` with the smallest cost; the first of equals. `allowed` is not empty.
  ArmId best_of_head(int head, std::span<const ArmId> allowed) const;
  ArmId best_of_mean(std::span<const ArmId> allowed) const;
  ArmId safest(std::span<const ArmId> allowed, float z) const;

 private:
  std::vector<float> values_;
  int heads_;
  int arms_;
};

}  // namespace hintd::learning
