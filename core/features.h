// The state that level 0 learns from: the query, the default plan, and the database, as one fixed
// vector. Everything is a logarithm, a share or a flag, so that no feature needs statistics to be
// scaled.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/plan_tree.h"
#include "core/query_template.h"

namespace hintd {

// A reading of pg_stat_database and pg_stat_activity.
struct DatabaseState {
  double cache_hit_ratio = 1.0;  // 0..1, over the last reading interval
  double active_backends = 1.0;
};

inline constexpr std::size_t kFeatureCount = 40;
using FeatureVector = std::array<float, kFeatureCount>;

FeatureVector features_of(const QueryShape& shape, const PlanTree& default_plan,
                          const DatabaseState& state);

// For people: explain prints them.
std::string_view feature_name(std::size_t index);

}  // namespace hintd
