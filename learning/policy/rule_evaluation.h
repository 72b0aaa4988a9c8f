// What rules are worth on statements that they were not learned from, by a plan memory alone: no
// server, no users. Ten-fold cross-validation; runs side by side are reckoned as they were measured
// (docs/benchmarks.md).
#pragma once

#include "learning/policy/rule_learner.h"

namespace hintd::learning {

// Times in ms, sums over statements of which the default and the rule's arm were measured, or were
// stopped.
struct RuleFigures {
  int searched = 0;  // those statements
  int hinted = 0;    // of these under an arm
  int unknown = 0;   // left out: the rule's arm was not run on them
  int observed = 0;  // statements of which traffic knows the default alone
  double default_ms = 0;
  double best_ms = 0;  // the least latency measured of each
  double learned_ms = 0;
  double lost_without_rule_ms = 0;  // beyond the best, where the default was chosen
  // Expected to be slower by more than a tenth; of those observed only, under the arm that is taken
  // to be no faster; half of them where it takes over.
  double slower = 0;
  int taken_over_slower = 0;  // of those searched, as measured

  RuleFigures& operator+=(const RuleFigures& other);
  double captured() const;      // share of what could be won; 0 where nothing could
  double slower_share() const;  // of all statements
};

RuleFigures cross_validate(const RuleLearner& learner, const PlanMemory& memory);

}  // namespace hintd::learning
