#include "core/confidence_sequence.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace hintd {
namespace {

constexpr std::size_t kGrid = 401;
constexpr double kBoldest = 0.75;  // part of the capital that a bet may lose

double grid_mean(std::size_t index) {
  return static_cast<double>(index) / (kGrid - 1);
}

}  // namespace

ConfidenceSequence::ConfidenceSequence(double low, double high, double alpha)
    : low_(low),
      high_(high),
      log_needed_(std::log(1 / alpha)),
      above_(kGrid, 0.0),
      below_(kGrid, 0.0),
      last_(kGrid - 1) {
  HINTD_CHECK(low < high && alpha > 0 && alpha < 1, "a confidence sequence out of range");
}

void ConfidenceSequence::add(double value) {
  const double x = (std::clamp(value, low_, high_) - low_) / (high_ - low_);
  const auto n = static_cast<double>(count_ + 1);
  // From what came before, never from x: else it would be no bet.
  const double mean_before = (0.5 + sum_) / n;
  const double variance_before = (0.25 + squares_) / n;
  const double bet = std::sqrt(2 * log_needed_ / (variance_before * n * std::log(1 + n)));
  for (std::size_t i = 0; i < kGrid; ++i) {
    const double m = grid_mean(i);
    above_[i] += std::log1p(std::min(bet, kBoldest / std::max(m, 1e-9)) * (x - m));
    below_[i] += std::log1p(std::min(bet, kBoldest / std::max(1 - m, 1e-9)) * (m - x));
  }
  while (first_ < last_ && above_[first_] >= log_needed_) ++first_;
  while (last_ > first_ && below_[last_] >= log_needed_) --last_;
  ++count_;
  sum_ += x;
  squares_ += (x - mean_before) * (x - mean_before);
}

double ConfidenceSequence::mean() const {
  return count_ == 0 ? (low_ + high_) / 2
                     : low_ + (high_ - low_) * sum_ / static_cast<double>(count_);
}

double ConfidenceSequence::value_of(std::size_t index) const {
  return low_ + (high_ - low_) * grid_mean(index);
}

}  // namespace hintd
