#include "learning/policy/categories.h"

#include <algorithm>
#include <set>

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

bool Categories::supported(const Pool& pool, int min_values,
                           std::optional<std::size_t> except) const {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (i == except || !categorical(i)) continue;
    std::set<std::uint64_t> shown;
    for (const auto* sample : pool)
      if (i < sample->statement->literals.size()) shown.insert(sample->statement->literals[i]);
    if (static_cast<int>(shown.size()) < min_values) return false;
  }
  return true;
}

}  // namespace hintd::learning
