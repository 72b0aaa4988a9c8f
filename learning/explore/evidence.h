// What trials have shown so far, cell by cell.
#pragma once

#include <cstddef>
#include <vector>

#include "learning/explore/exploration.h"

namespace hintd::learning {

enum class CellState : std::uint8_t { kUnknown, kExact, kCensored };

struct Cell {
  CellState state = CellState::kUnknown;
  double seconds = 0;  // the latency, or the longest time it is known to exceed
};

// Starts with the defaults known. Borrows the problem.
class Evidence {
 public:
  explicit Evidence(const ExplorationProblem& problem);

  // An exact result replaces a bound, a longer bound a shorter one; an exact result stays.
  void record(const Trial& trial, const Outcome& outcome);

  const Cell& cell(std::size_t query, std::size_t group) const { return cells_[query][group]; }
  // Of the fully observed latencies of the query, the smallest.
  double best_s(std::size_t query) const { return best_[query]; }
  // True when the group may still beat the best: not known, or bounded by less.
  bool open(std::size_t query, std::size_t group) const;

 private:
  std::vector<std::vector<Cell>> cells_;
  std::vector<double> best_;
};

}  // namespace hintd::learning
