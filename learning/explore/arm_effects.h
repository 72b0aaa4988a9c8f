// What sets of planner operators did on published workloads: a first guess of what they do on
// another one.
//
// Learned by ArmModel from every cell of the latency matrices of Yi, Tian, Ives, Marcus, "Low Rank
// Learning for Offline Query Optimization", Proc. ACM Manag. Data 3(3), 2025 (data under the MIT
// licence): the Join Order Benchmark (113 queries) and the Cardinality Estimation Benchmark
// (3,133), both on IMDb. tests/learning/explore/arm_effects_test.cpp learns them again. What they
// are worth on workloads that they were not learned from: docs/benchmarks.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/hint_set.h"
#include "learning/explore/exploration.h"

namespace hintd::learning {

// The workloads the effects were learned from.
std::vector<std::string_view> effect_sources();

// Those of which no query is among `queries`, as far as a sample of their names tells: what was
// learned from a workload is no guess about it.
std::vector<std::string_view> sources_apart_from(const std::vector<std::string>& queries);

// By operator arm (operator_arm_features), mean of the sources; empty without a source.
ArmEffects operator_effects(const std::vector<std::string_view>& sources);

// Of the catalogue's arms: those that do nothing but forbid planner operators, from all sources.
ArmEffects effects_of(const HintCatalogue& catalogue);

}  // namespace hintd::learning
