#include "learning/policy/categories.h"

#include <algorithm>

namespace hintd::learning {

Categories::Categories(const PlanMemory::Statements& statements) {
  for (const auto& [id, statement] : statements) {
    values_.resize(std::max(values_.size(), statement.literals.size()));
    for (std::size_t i = 0; i < statement.literals.size(); ++i) ++values_[i][statement.literals[i]];
  }
}

bool Categories::categorical(std::size_t literal) const {
  const auto& counts = values_[literal];
  return counts.size() > 1 && std::any_of(counts.begin(), counts.end(),
                                          [](const auto& entry) { return entry.second > 1; });
}

}  // namespace hintd::learning
