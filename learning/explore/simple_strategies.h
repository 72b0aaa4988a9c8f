// The two baselines without a model. Both stop a run at the query's best latency so far: a longer
// run could win nothing. Borrow the problem.
#pragma once

#include <vector>

#include "learning/explore/evidence.h"

namespace hintd::learning {

// A cell drawn uniformly from all that were never run.
class RandomStrategy final : public Strategy {
 public:
  RandomStrategy(const ExplorationProblem& problem, Rng rng);
  std::optional<Trial> next() override;
  void observe(const Trial& trial, const Outcome& outcome) override;

 private:
  Evidence evidence_;
  std::vector<Trial> order_;
  std::size_t place_ = 0;
};

// The query that is slowest now, under a plan drawn uniformly from those it was never run with.
class GreedyStrategy final : public Strategy {
 public:
  GreedyStrategy(const ExplorationProblem& problem, Rng rng);
  std::optional<Trial> next() override;
  void observe(const Trial& trial, const Outcome& outcome) override;

 private:
  Evidence evidence_;
  std::vector<std::vector<std::size_t>> untried_;  // groups by query, shuffled
};

}  // namespace hintd::learning
