#include "database/demo/workload_config.h"

#include "core/check.h"

namespace hintd::database::demo {

std::string_view to_string(QueryClass query_class) {
  constexpr std::string_view kNames[] = {"select_simple", "join_two_tables", "join_multiple",
                                         "aggregation", "analytical"};
  return kNames[static_cast<std::size_t>(query_class)];
}

std::optional<WorkloadKind> workload_kind_named(std::string_view name) {
  if (name == "mixed") return WorkloadKind::kMixed;
  if (name == "analytical") return WorkloadKind::kAnalytical;
  if (name == "oltp") return WorkloadKind::kOltp;
  return std::nullopt;
}

ClassShares class_shares(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kMixed:
      return {0.30, 0.25, 0.20, 0.15, 0.10};
    case WorkloadKind::kAnalytical:
      return {0.05, 0.10, 0.25, 0.30, 0.30};
    case WorkloadKind::kOltp:
      return {0.60, 0.25, 0.10, 0.04, 0.01};
  }
  HINTD_CHECK(false, "an unknown kind of workload");
}

}  // namespace hintd::database::demo
