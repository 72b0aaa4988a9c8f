// Which literals of a template have values that come again (a country, a status): what was measured
// for one such value says little about another.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "learning/policy/arm_cost.h"

namespace hintd::learning {

class Categories {
 public:
  explicit Categories(const PlanMemory::Statements& statements);

  std::size_t literals() const { return values_.size(); }
  // Several values, one of them more than once.
  bool categorical(std::size_t literal) const;

 private:
  std::vector<std::map<std::uint64_t, int>> values_;  // by literal: statements that have a value
};

}  // namespace hintd::learning
