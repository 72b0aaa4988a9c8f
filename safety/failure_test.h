// Do runs under hints fail more often than one in ten? One-sided sequential test of a share, valid
// however often one looks: where each run fails with a chance of at most kUsual, whatever went
// before, a likelihood ratio against it grows n-fold with a chance of at most one in n (Ville's
// inequality). Against several shares at once, mixed evenly; blocks as in shift_test.h.
#pragma once

#include <array>
#include <cstdint>

namespace hintd::safety {

class FailureTest {
 public:
  // So often a run under a plan as good as the default's may take far longer, by a disturbance.
  static constexpr double kUsual = 0.1;
  // Of the chance of a false alarm about a policy; the policy watch has the rest.
  static constexpr double kShareOfAlarms = 1.0 / 3;
  static constexpr std::array<double, 4> kShares = {0.2, 0.35, 0.5, 0.8};

  // All that it has seen, for a file: of the block.
  struct State {
    std::int64_t block = 1;
    int runs = 0;
    int failures = 0;
  };

  // `false_alarms`: the chance that runs which fail with a chance of kUsual are ever called too
  // many, in (0, 1).
  explicit FailureTest(double false_alarms) : false_alarms_(false_alarms) {}

  // One run. True when the evidence that too many fail suffices.
  bool too_many(bool failed);

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  double false_alarms_;
  State state_;
};

}  // namespace hintd::safety
