#include "safety/governance.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace hintd::safety {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& entry) { return entry == "*" || entry == name; });
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool in_hours(const PolicySpec& spec, int hour) {
  if (spec.hour_from < spec.hour_to) return spec.hour_from <= hour && hour < spec.hour_to;
  return hour >= spec.hour_from || hour < spec.hour_to;
}

GovernanceVerdict refused(const PolicySpec& spec, std::string rule, const std::string& what) {
  auto why = what + ": " + rule + " of " + spec.id + " version " + std::to_string(spec.version);
  return {false, std::move(rule), std::move(why)};
}

}  // namespace

bool names_table(std::string_view normalized, std::string_view table) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  auto from = normalized.begin();
  while (true) {
    const auto at = std::search(from, normalized.end(), table.begin(), table.end(), same);
    if (at == normalized.end()) return false;
    const auto after = at + static_cast<std::ptrdiff_t>(table.size());
    const bool begins = at == normalized.begin() || !is_word(*(at - 1));
    if (begins && (after == normalized.end() || !is_word(*after))) return true;
    from = at + 1;
  }
}

int hour_of(TimePoint time) {
  const auto since_midnight = time - std::chrono::floor<std::chrono::days>(time);
  return static_cast<int>(std::chrono::floor<std::chrono::hours>(since_midnight).count());
}

GovernanceVerdict check(const PolicySpec& spec, const Proposal& proposal) {
  struct Named {
    const char* rule;
    const char* what;
    const PolicySpec::Names& names;
    const std::string& name;
  };
  const Named all[] = {{"hint_sets", "hint set ", spec.hint_sets, proposal.hint_set},
                       {"templates", "template ", spec.templates, proposal.fingerprint},
                       {"roles", "role ", spec.roles, proposal.role},
                       {"modes", "mode ", spec.modes, proposal.mode}};
  for (const auto& [rule, what, names, name] : all) {
    if (name.empty()) continue;
    if (holds(names.deny, name)) return refused(spec, std::string(rule) + ".deny", what + name);
    if (!holds(names.allow, name)) return refused(spec, std::string(rule) + ".allow", what + name);
  }
  for (const auto& table : spec.tables.deny)
    if (table == "*" || names_table(proposal.normalized, table))
      return refused(spec, "tables.deny", "table " + table);
  if (proposal.hour && !in_hours(spec, *proposal.hour))
    return refused(spec, "hours", "hour " + std::to_string(*proposal.hour));
  if (proposal.risk > spec.max_risk) {
    char what[80];
    std::snprintf(what, sizeof what, "a measured slowdown of %.0f %%", 100 * proposal.risk);
    return refused(spec, "max_risk", what);
  }
  return {};
}

}  // namespace hintd::safety
