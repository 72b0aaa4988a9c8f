// LimeQO as published (Yi, Tian, Ives, Marcus: Low Rank Learning for Offline Query Optimization,
// SIGMOD 2025), written from the paper: the matrix of log(1 + latency) is completed by censored
// alternating least squares, non-negative, and the queries whose predicted best plan improves them
// most, relative to what it costs, are run next. Borrows the problem.
#pragma once

#include <deque>
#include <memory>

#include "learning/explore/evidence.h"

namespace hintd::learning {

struct LimeqoConfig {
  int rank = 5;
  double lambda = 0.2;         // ridge of each least squares
  int iterations = 50;         // of the alternation, each time the matrix is completed
  double timeout_factor = 15;  // timeout = min(best so far, factor x prediction)
  double batch_share = 0.01;   // of the queries, run between two completions
};

class LimeqoStrategy final : public Strategy {
 public:
  LimeqoStrategy(const ExplorationProblem& problem, Rng rng, LimeqoConfig config = {});
  ~LimeqoStrategy() override;
  std::optional<Trial> next() override;
  void observe(const Trial& trial, const Outcome& outcome) override;

 private:
  class Completion;
  void plan_batch();
  double predicted_s(std::size_t query, std::size_t group) const;

  const ExplorationProblem& problem_;
  LimeqoConfig config_;
  Rng rng_;
  Evidence evidence_;
  std::unique_ptr<Completion> completion_;
  std::deque<Trial> batch_;
};

}  // namespace hintd::learning
