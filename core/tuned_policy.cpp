#include "core/tuned_policy.h"

#include <algorithm>

namespace hintd {

std::string MeasuredOn::stale_reason(const MeasuredOn& earlier) const {
  if (server_version != earlier.server_version)
    return "the server was " + earlier.server_version + " and is " + server_version;
  if (schema != earlier.schema) return "tables, columns or indexes have changed";
  if (settings != earlier.settings) return "the server's planner settings have changed";
  return {};
}

const HintSet* TunedPolicy::find_hint(std::string_view name) const {
  const auto found = std::find_if(hint_sets.begin(), hint_sets.end(),
                                  [&](const HintSet& set) { return set.name == name; });
  return found == hint_sets.end() ? nullptr : &*found;
}

const TunedTemplate* TunedPolicy::find(std::uint64_t fingerprint) const {
  const auto found =
      std::find_if(templates.begin(), templates.end(),
                   [&](const TunedTemplate& one) { return one.fingerprint == fingerprint; });
  return found == templates.end() ? nullptr : &*found;
}

bool TunedPolicy::knows(std::uint64_t fingerprint) const {
  return find(fingerprint) != nullptr ||
         std::any_of(plans.begin(), plans.end(),
                     [&](const MeasuredPlan& plan) { return plan.fingerprint == fingerprint; });
}

const HintSet* TunedPolicy::hint_for(std::uint64_t fingerprint,
                                     const std::vector<std::uint64_t>& literals) const {
  const auto* known = find(fingerprint);
  if (known == nullptr) return nullptr;
  for (const auto& statement : known->statements)
    if (statement.literals == literals) return find_hint(statement.hint);
  return find_hint(known->hint);
}

}  // namespace hintd
