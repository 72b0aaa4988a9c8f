// Is the deployed policy, over all its templates, slower than the default by more than it may be?
//
// A bet against it on every run under a hint (Waudby-Smith and Ramdas, 2023: estimating means of
// bounded variables by betting): where the mean of latency / default latency, weighted by what the
// template's default takes, is at most 1 + threshold, no way of betting makes the capital grow a
// hundredfold but with a chance of one in a hundred. Blocks as in shift_test.h. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>

namespace hintd::safety {

class PolicyWatch {
 public:
  // `threshold`: part of the default's time by which the policy may be slower; 0 or more.
  // `false_alarms` in (0, 1).
  PolicyWatch(double threshold, double false_alarms);

  // A run under a hint that took `latency_ms` where the default takes `default_ms` on average, give
  // or take `default_error_ms` (a standard error); all above 0. True when the evidence suffices.
  bool too_slow(double latency_ms, double default_ms, double default_error_ms);

  // Of the current block, for people.
  double ratio() const { return default_ms_ > 0 ? latency_ms_ / default_ms_ : 1; }
  int runs() const { return runs_; }

 private:
  static constexpr std::array<double, 4> kBets = {0.1, 0.2, 0.4, 0.8};  // mixed evenly

  double threshold_;
  double false_alarms_;
  std::int64_t block_ = 1;
  int runs_ = 0;
  double mean_default_ms_ = 0;  // of all runs so far: what a run's weight is measured by
  std::int64_t seen_ = 0;
  double latency_ms_ = 0;
  double default_ms_ = 0;
  std::array<double, kBets.size()> log_capital_{};
};

}  // namespace hintd::safety
