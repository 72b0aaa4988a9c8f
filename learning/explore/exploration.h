// What to try next: the vocabulary that replay, `hintd tune` and the daemon share. A problem says
// what is known before anything is run; a strategy proposes trials and is told how they ended. It
// sees nothing else, and is deterministic for a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/hint_set.h"
#include "core/result.h"
#include "core/rng.h"

namespace hintd::learning {

// Arms that give a query one and the same plan: paid once, observed together.
struct PlanGroup {
  std::vector<ArmId> arms;  // ascending, not empty
};

struct ExplorableQuery {
  double default_s = 0;           // measured latency under the default, seconds, positive
  std::vector<PlanGroup> groups;  // every arm in exactly one; groups[0] holds the default
  std::vector<float> features;    // of the default plan; empty, or as long in every query
};

// Which group of the query holds each arm.
inline std::vector<std::uint32_t> groups_by_arm(const ExplorableQuery& query, std::size_t arms) {
  std::vector<std::uint32_t> group_of(arms);
  for (std::uint32_t group = 0; group < query.groups.size(); ++group)
    for (const auto arm : query.groups[group].arms) group_of[arm] = group;
  return group_of;
}

// What an arm does to a workload: log(latency / default latency) of its plans, in the mean, and how
// that changes with each standard deviation of the queries' log default latency.
struct ArmEffect {
  double mean = 0;
  double slope = 0;
};
using ArmEffects = std::vector<std::optional<ArmEffect>>;  // by arm; nothing: not known

struct ExplorationProblem {
  std::size_t arms = 0;
  std::vector<ExplorableQuery> queries;
  // What an arm does, one vector per arm and equally long: flags or numbers around 0..1. Arms that
  // differ in few of them are taken to behave alike until measured. May be empty: nothing known.
  std::vector<std::vector<float>> arm_features;
  // What arms did on other workloads. May be empty: nothing known.
  ArmEffects arm_effects;
};

inline constexpr std::size_t kDefaultGroup = 0;

struct Trial {
  std::size_t query = 0;
  std::size_t group = 0;  // never the default's
  double timeout_s = 0;   // positive and finite
};

struct Outcome {
  bool completed = false;
  double seconds = 0;  // the latency when completed; else the time after which it was stopped
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // Nothing when no trial can win anything any more.
  virtual std::optional<Trial> next() = 0;
  // The trial is under way: until its end is observed, only trials of other queries are proposed.
  // For strategies that serve several runs side by side; with the others each run is to be observed
  // before the next is asked for.
  virtual void begin(const Trial&) {}
  // The end of a trial, proposed or not: evidence from earlier runs comes in the same way.
  virtual void observe(const Trial& trial, const Outcome& outcome) = 0;
};

// "random", "greedy", "limeqo" or "hintd"; to see what a part is worth, also hintd-without- and one
// of calibration, censoring, similarity, arm-meaning, arm-effects, arm-learning. kInvalidInput for
// another name. Borrows the problem.
Result<std::unique_ptr<Strategy>> make_strategy(std::string_view name,
                                                const ExplorationProblem& problem, Rng rng);

}  // namespace hintd::learning
