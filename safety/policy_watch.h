// Is the deployed policy, over all its templates, slower than the default by more than it may be?
// Two tests, each with half of the chance of a false alarm, over the runs under hints:
//
//   typical runs  each run's log-ratio to its template's default, in that template's own spread,
//                 beyond the threshold; pooled over templates as shift_test.h does for one, with
//                 the error of each template's baseline counted once for all its runs. Finds a
//                 policy that is bad everywhere within a few runs. Believed only while the total
//                 time is beyond the threshold too.
//   total time    a bet on every run (Waudby-Smith and Ramdas, 2023: estimating means of bounded
//                 variables by betting): where the mean of latency / default latency, weighted by
//                 what the template's default takes, is at most 1 + threshold, no way of betting
//                 makes the capital grow n-fold but with a chance of one in n.
//
// Blocks as in shift_test.h. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "safety/shift_test.h"

namespace hintd::safety {

class PolicyWatch {
 public:
  static constexpr std::array<double, 4> kBets = {0.1, 0.2, 0.4, 0.8};  // mixed evenly

  // All that it has seen, for a file.
  struct State {
    std::int64_t block = 0;
    int runs = 0;  // of the block, as the next five
    double latency_ms = 0;
    double default_ms = 0;
    double scores = 0;  // sum, beyond the threshold
    double variance = 0;
    std::unordered_map<std::uint64_t, int> runs_of_template;
    double mean_default_ms = 0;  // of all runs ever: what a run's weight is measured by
    std::int64_t seen = 0;
    std::array<double, kBets.size()> log_capital{};
  };

  // `threshold`: part of the default's time by which the policy may be slower; 0 or more.
  // `false_alarms` in (0, 1).
  PolicyWatch(double threshold, double false_alarms);

  // What a template takes under the default.
  struct Baseline {
    LatencyScale scale;
    double mean_ms;   // above 0
    double error_ms;  // standard error of the mean
  };
  // A run under a hint. True when the evidence against the policy suffices.
  bool too_slow(std::uint64_t fingerprint, double latency_ms, const Baseline& baseline);

  // Of the current block, for people: total time over that of the default.
  double ratio() const { return state_.default_ms > 0 ? state_.latency_ms / state_.default_ms : 1; }
  int runs() const { return state_.runs; }

  const State& state() const { return state_; }
  void restore(State state) { state_ = std::move(state); }

 private:
  void begin_block();
  double typical_evidence(std::uint64_t fingerprint, double latency_ms, const LatencyScale& scale);
  double total_evidence(double latency_ms, const Baseline& baseline);

  double threshold_;
  double false_alarms_;
  State state_;
};

}  // namespace hintd::safety
