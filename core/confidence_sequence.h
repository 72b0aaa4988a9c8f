// Bounds for the mean of a bounded quantity that hold at every moment at once, so that one may look
// after each observation and stop when one likes: the hedged capital process of Waudby-Smith and
// Ramdas (2023, "Estimating means of bounded random variables by betting"), on a grid of 401 means.
#pragma once

#include <cstddef>
#include <vector>

namespace hintd {

class ConfidenceSequence {
 public:
  // Observations lie in [low, high]; each bound is wrong, ever, with probability `alpha` at most.
  ConfidenceSequence(double low, double high, double alpha);

  // Clipped to the range.
  void add(double value);

  double lower() const { return value_of(first_); }
  double upper() const { return value_of(last_); }
  double mean() const;
  std::size_t count() const { return count_; }

 private:
  double value_of(std::size_t index) const;

  double low_;
  double high_;
  double log_needed_;
  std::size_t count_ = 0;
  double sum_ = 0;             // of observations scaled to [0, 1]
  double squares_ = 0;         // of their distances from the running mean
  std::vector<double> above_;  // log capital of the bet that the mean is above the grid's
  std::vector<double> below_;
  std::size_t first_ = 0;  // the means not rejected, ever
  std::size_t last_;
};

}  // namespace hintd
