// How good hyperparameters are, measured by letting levels 0 and 1 learn once more from what was
// measured: the plan table of a plan memory stands in for the database.
//
// Half of the statements of each template are explored: the agent picks an arm for one statement
// after the other, the table says how long that took, a deadline cuts it short as in life, and
// rules are learned from what was tried. They are judged on the other half. Cells that were never
// measured are never tried, and count as the default where a rule would choose them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/plan_memory.h"
#include "learning/meta/genome.h"

namespace hintd::learning {

struct Fitness {
  double speed = 0;      // part of the possible gain that the rules win on held-out statements
  double regressed = 0;  // part of their time that is in statements slower by more than 10 %
  double tail = 1;       // 95th percentile of latency over the default's, of held-out statements
  double cpu_s = 0;      // thread's CPU time of training and deciding
};

// The stated weighting by which champions are chosen: gain, less twice what regressed and what the
// tail exceeds the default by, less a little for time (0.01 for each doubling of a second).
double score(const Fitness& fitness);

// a is no worse than b in speed, stability and resources, and better in one.
bool dominates(const Fitness& a, const Fitness& b);

// Immutable, thread-safe.
class MetaReplay {
 public:
  // kInvalidInput when the memory holds fewer than kFewest statements with measured arms.
  static constexpr std::size_t kFewest = 20;
  static Result<MetaReplay> create(PlanMemory memory, std::vector<std::string> arm_names,
                                   int pairs);

  // One replay. The same seed gives every genome the same statements, splits and noise.
  // kInvalidInput where the agent refuses the hyperparameters.
  Result<Fitness> run(const Hyperparameters& hyperparameters, std::uint64_t seed) const;

  std::size_t statements() const { return rows_.size(); }

 private:
  MetaReplay() = default;
  PlanMemory memory_;
  std::vector<const StatementEvidence*> rows_;
  std::vector<std::string> arm_names_;
  int pairs_ = 0;
};

}  // namespace hintd::learning
