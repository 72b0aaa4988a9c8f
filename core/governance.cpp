#include "core/governance.h"

#include <algorithm>

namespace hintd {
namespace {

constexpr std::string_view kCatalog = "pg_catalog.";

// pg_ is reserved for PostgreSQL: no relation of a user's begins so.
bool is_system_relation(std::string_view name) {
  if (name.starts_with(kCatalog) || name.starts_with("information_schema.")) return true;
  const auto dot = name.rfind('.');
  return name.substr(dot == name.npos ? 0 : dot + 1).starts_with("pg_");
}

}  // namespace

std::string_view to_string(Eligibility eligibility) {
  switch (eligibility) {
    case Eligibility::kEligible:
      return "eligible";
    case Eligibility::kNotOneSelect:
      return "not_one_select";
    case Eligibility::kFunctionUnknown:
      return "function_unknown";
    case Eligibility::kSystemRelation:
      return "system_relation";
  }
  return "unknown";
}

Governance::Governance(const std::vector<std::string>& functions)
    : functions_(functions.begin(), functions.end()) {}

bool Governance::knows(std::string_view function) const {
  if (function.starts_with(kCatalog)) function.remove_prefix(kCatalog.size());
  return functions_.contains(std::string(function));
}

Eligibility Governance::check(const QueryTemplate& query_template) const {
  if (query_template.kind != StatementKind::kReadOnlySelect) return Eligibility::kNotOneSelect;
  const auto& functions = query_template.functions;
  if (!std::all_of(functions.begin(), functions.end(), [&](const auto& f) { return knows(f); }))
    return Eligibility::kFunctionUnknown;
  const auto& relations = query_template.relations;
  if (std::any_of(relations.begin(), relations.end(), is_system_relation))
    return Eligibility::kSystemRelation;
  return Eligibility::kEligible;
}

}  // namespace hintd
