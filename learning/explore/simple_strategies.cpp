#include "learning/explore/simple_strategies.h"

namespace hintd::learning {

RandomStrategy::RandomStrategy(const ExplorationProblem& problem, Rng rng) : evidence_(problem) {
  for (std::size_t query = 0; query < problem.queries.size(); ++query)
    for (std::size_t group = 1; group < problem.queries[query].groups.size(); ++group)
      order_.push_back({query, group, 0});
  rng.shuffle(order_);
}

std::optional<Trial> RandomStrategy::next() {
  for (; place_ < order_.size(); ++place_) {
    Trial trial = order_[place_];
    if (evidence_.cell(trial.query, trial.group).state != CellState::kUnknown) continue;
    trial.timeout_s = evidence_.best_s(trial.query);
    return trial;
  }
  return std::nullopt;
}

void RandomStrategy::observe(const Trial& trial, const Outcome& outcome) {
  evidence_.record(trial, outcome);
}

GreedyStrategy::GreedyStrategy(const ExplorationProblem& problem, Rng rng)
    : evidence_(problem), untried_(problem.queries.size()) {
  for (std::size_t query = 0; query < untried_.size(); ++query) {
    for (std::size_t group = 1; group < problem.queries[query].groups.size(); ++group)
      untried_[query].push_back(group);
    rng.shuffle(untried_[query]);
  }
}

std::optional<Trial> GreedyStrategy::next() {
  std::optional<Trial> slowest;
  for (std::size_t query = 0; query < untried_.size(); ++query)
    if (!untried_[query].empty() && (!slowest || evidence_.best_s(query) > slowest->timeout_s))
      slowest = Trial{query, untried_[query].back(), evidence_.best_s(query)};
  return slowest;
}

void GreedyStrategy::observe(const Trial& trial, const Outcome& outcome) {
  evidence_.record(trial, outcome);
  std::erase(untried_[trial.query], trial.group);
}

}  // namespace hintd::learning
