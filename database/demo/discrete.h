// Draws 0..n-1 in proportion to fixed weights, by binary search. Immutable.
#pragma once

#include <algorithm>
#include <vector>

#include "core/check.h"
#include "core/rng.h"

namespace hintd::database::demo {

class Discrete {
 public:
  // Weights are non-negative and not all zero.
  explicit Discrete(const std::vector<double>& weights) {
    double sum = 0;
    for (const double weight : weights) cumulative_.push_back(sum += weight);
    HINTD_CHECK(sum > 0, "nothing to draw from");
  }

  std::size_t draw(Rng& rng) const { return at(rng.uniform()); }

  // The index in which the given share, in [0, 1), of the whole weight falls.
  std::size_t at(double share) const {
    const auto found =
        std::upper_bound(cumulative_.begin(), cumulative_.end(), share * cumulative_.back());
    return std::min<std::size_t>(found - cumulative_.begin(), cumulative_.size() - 1);
  }

  // How far into its index the share falls, in [0, 1).
  double fraction_at(double share) const {
    const std::size_t index = at(share);
    const double low = index == 0 ? 0 : cumulative_[index - 1];
    const double width = cumulative_[index] - low;
    return width > 0 ? std::clamp((share * cumulative_.back() - low) / width, 0.0, 1.0) : 0;
  }

  std::size_t size() const { return cumulative_.size(); }

 private:
  std::vector<double> cumulative_;
};

}  // namespace hintd::database::demo
