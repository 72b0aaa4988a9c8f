// Private to the tuner: what it knows of one statement.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "learning/tune/tuner.h"

namespace hintd::learning {

struct Tuner::Work {
  const TuneStatement* statement = nullptr;
  StatementEvidence* evidence = nullptr;

  std::string left_out;              // why; empty where it was not
  std::vector<double> default_runs;  // ms, until it is planned
  std::optional<Execution> result;   // of the default: what every plan must answer

  std::optional<PairedTest> test;  // of group `candidate`
  std::size_t candidate = 0;
  std::set<std::size_t> refuted;  // groups that did not stand the proof
  std::size_t confirmed = 0;      // group; 0: none
  bool settled = false;           // no group is left to prove
  std::string unproved;           // why the fastest found is not confirmed

  double default_ms() const {
    if (evidence->default_ms() > 0) return evidence->default_ms();
    return default_runs.empty() ? 0 : *std::min_element(default_runs.begin(), default_runs.end());
  }
  bool measured() const { return left_out.empty() && default_ms() > 0; }
  bool explorable() const { return measured() && evidence->planned(); }
  ArmId arm_of(std::size_t group) const {
    const auto& groups = evidence->group_of_arm;
    return static_cast<ArmId>(std::find(groups.begin(), groups.end(), group) - groups.begin());
  }
  // The fastest group measured that may be served; 0, the default's, where none is faster.
  std::size_t best_group() const {
    std::size_t best = 0;
    for (std::size_t group = 1; group < evidence->groups.size(); ++group) {
      const auto& runs = evidence->groups[group];
      if (runs.measured() && !runs.unusable &&
          runs.latency_ms() < evidence->groups[best].latency_ms())
        best = group;
    }
    return best;
  }
  double best_ms() const {
    return explorable() ? evidence->groups[best_group()].latency_ms() : default_ms();
  }
};

inline double geometric_mean(const std::vector<double>& ratios) {
  double sum = 0;
  for (const double ratio : ratios) sum += std::log(ratio);
  return std::exp(sum / static_cast<double>(ratios.size()));
}

// A call's wall time; never less than what an executor says its run took, so that executors without
// a clock are charged too.
template <class Call>
auto Tuner::timed(Millis& account, Call&& call) {
  const Stopwatch watch;
  auto result = call();
  Millis took = watch.elapsed();
  if constexpr (std::is_same_v<decltype(result), Result<Execution>>)
    if (result) took = std::max(took, result->latency);
  account += took;
  return result;
}

}  // namespace hintd::learning
