#include "learning/explore/paired_test.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

// How many pairs the workload's noise weighs beside the query's own.
constexpr double kNoiseWeight = 4;

}  // namespace

PairedTest::PairedTest(const PairedTestConfig& config, PairNoise& noise)
    : config_(config), noise_(noise) {}

double PairedTest::variance() const {
  return (kNoiseWeight * noise_.variance() + squares_) / (kNoiseWeight + std::max(0, ended_ - 1));
}

// The pairs it takes until the mean, if it stays where it is, is clear of the margin.
double PairedTest::executions_left(double ratio) const {
  const double clear = std::log1p(-config_.margin) - std::log(ratio);
  if (clear <= 0) return std::numeric_limits<double>::infinity();
  const double needed =
      std::max<double>(config_.least_pairs, squared(config_.z / clear) * variance());
  if (needed > config_.most_pairs) return std::numeric_limits<double>::infinity();
  const double pair_cost = ratio + std::min(1.0, config_.default_multiple * ratio);
  return std::max(0.0, needed - pairs_) * pair_cost;
}

bool PairedTest::worth_starting(double ratio) const {
  const double cost = executions_left(ratio);
  return std::isfinite(cost) && cost <= config_.pays_within * (1 - ratio);
}

PairVerdict PairedTest::add(double ratio, bool stopped) {
  const double value = std::log(ratio);
  ++pairs_;
  sum_ += value;
  if (!stopped) {
    // Welford's update.
    const double before = ended_ > 0 ? value - ended_sum_ / ended_ : 0;
    ended_sum_ += value;
    ++ended_;
    squares_ += before * (value - ended_sum_ / ended_);
  }
  const auto verdict = judge();
  if (verdict != PairVerdict::kMorePairs && ended_ > 1) noise_.learn(squares_, ended_ - 1);
  return verdict;
}

PairVerdict PairedTest::judge() const {
  if (pairs_ < config_.least_pairs) return PairVerdict::kMorePairs;
  const double mean = sum_ / pairs_;
  if (mean < std::log1p(-config_.margin) - config_.z * std::sqrt(variance() / pairs_))
    return PairVerdict::kFaster;
  return worth_starting(std::exp(mean)) && pairs_ < config_.most_pairs ? PairVerdict::kMorePairs
                                                                       : PairVerdict::kNotFaster;
}

}  // namespace hintd::learning
