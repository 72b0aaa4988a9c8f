#include "learning/explore/evidence.h"

#include <algorithm>

#include "core/check.h"

namespace hintd::learning {

Evidence::Evidence(const ExplorationProblem& problem) {
  for (const auto& query : problem.queries) {
    cells_.emplace_back(query.groups.size());
    cells_.back()[kDefaultGroup] = {CellState::kExact, query.default_s};
    best_.push_back(query.default_s);
  }
}

void Evidence::record(const Trial& trial, const Outcome& outcome) {
  HINTD_CHECK(trial.query < cells_.size() && trial.group < cells_[trial.query].size(),
              "a trial outside the problem");
  Cell& cell = cells_[trial.query][trial.group];
  if (outcome.completed) {
    cell = {CellState::kExact, outcome.seconds};
    best_[trial.query] = std::min(best_[trial.query], outcome.seconds);
  } else if (cell.state != CellState::kExact) {
    cell = {CellState::kCensored, std::max(cell.seconds, outcome.seconds)};
  }
}

bool Evidence::open(std::size_t query, std::size_t group) const {
  const Cell& cell = cells_[query][group];
  return cell.state != CellState::kExact && cell.seconds < best_[query];
}

}  // namespace hintd::learning
