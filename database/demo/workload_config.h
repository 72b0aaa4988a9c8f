// What the simulated traffic is made of.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hintd::database::demo {

enum class QueryClass { kSelectSimple, kJoinTwoTables, kJoinMultiple, kAggregation, kAnalytical };
inline constexpr std::size_t kQueryClasses = 5;
std::string_view to_string(QueryClass query_class);

// By QueryClass, relative.
using ClassShares = std::array<double, kQueryClasses>;

enum class WorkloadKind { kMixed, kAnalytical, kOltp };
std::optional<WorkloadKind> workload_kind_named(std::string_view name);  // mixed, analytical, oltp
// The usual shares of a kind.
ClassShares class_shares(WorkloadKind kind);

struct WorkloadConfig {
  ClassShares shares = class_shares(WorkloadKind::kMixed);  // 0 or more each, not all 0
  double held_out_template_share = 0.15;  // of all templates, kept out of the traffic; 0 to 0.5
  int training_literals = 40;             // literal tuples per template; 1 or more
  int held_out_literals = 2;              // literal tuples per template; 1 or more
  std::uint64_t seed = 1;
};

}  // namespace hintd::database::demo
