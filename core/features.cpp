#include "core/features.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace hintd {
namespace {

constexpr std::array<std::string_view, kFeatureCount> kFeatureNames = {"query_relations",
                                                                       "query_joins",
                                                                       "query_subqueries",
                                                                       "query_ctes",
                                                                       "query_functions",
                                                                       "query_like",
                                                                       "query_in_lists",
                                                                       "query_set_operations",
                                                                       "query_group_by",
                                                                       "query_order_by",
                                                                       "query_limit",
                                                                       "query_distinct",
                                                                       "query_window",
                                                                       "plan_total_cost",
                                                                       "plan_startup_share",
                                                                       "plan_rows",
                                                                       "plan_width",
                                                                       "plan_nodes",
                                                                       "plan_depth",
                                                                       "plan_nested_loops",
                                                                       "plan_hash_joins",
                                                                       "plan_merge_joins",
                                                                       "plan_semi_joins",
                                                                       "plan_anti_joins",
                                                                       "plan_seq_scans",
                                                                       "plan_index_scans",
                                                                       "plan_index_only",
                                                                       "plan_bitmap_scans",
                                                                       "plan_sorts",
                                                                       "plan_hash_aggregates",
                                                                       "plan_sorted_aggregates",
                                                                       "plan_memoize",
                                                                       "plan_materialize",
                                                                       "plan_limit",
                                                                       "plan_subplans",
                                                                       "plan_max_rows",
                                                                       "plan_outer_rows_nested",
                                                                       "plan_bottleneck_share",
                                                                       "db_cache_miss",
                                                                       "db_active_backends"};

float log1p_scaled(double value) {
  return static_cast<float>(std::log1p(std::max(0.0, value)) / 10.0);
}

struct PlanCounts {
  int nodes = 0, depth = 0, nested = 0, hash = 0, merge = 0, semi = 0, anti = 0, seq = 0, index = 0,
      index_only = 0, bitmap = 0, sorts = 0, hash_agg = 0, sorted_agg = 0, memoize = 0,
      materialize = 0, limit = 0, subplans = 0;
  double max_rows = 0;
  double outer_rows_nested = 0;  // largest estimate that drives a nested loop
  double bottleneck = 0;         // largest cost of one node without its children

  void add(const PlanNode& node, int level) {
    ++nodes;
    depth = std::max(depth, level);
    max_rows = std::max(max_rows, node.rows);
    add_type(node);
    double children_cost = 0;
    for (const auto& child : node.children) children_cost += child.total_cost;
    bottleneck = std::max(bottleneck, node.total_cost - children_cost);
    if (node.type == "Nested Loop" && !node.children.empty())
      outer_rows_nested = std::max(outer_rows_nested, node.children.front().rows);
  }

  void add_type(const PlanNode& node) {
    nested += node.type == "Nested Loop";
    hash += node.type == "Hash Join";
    merge += node.type == "Merge Join";
    semi += node.join_type == "Semi";
    anti += node.join_type == "Anti";
    seq += node.type == "Seq Scan";
    index += node.type == "Index Scan";
    index_only += node.type == "Index Only Scan";
    bitmap += node.type == "Bitmap Heap Scan";
    sorts += node.type == "Sort" || node.type == "Incremental Sort";
    const bool aggregate = node.type == "Aggregate";
    hash_agg += aggregate && node.strategy.find("Hashed") != std::string::npos;
    sorted_agg += aggregate && node.strategy.find("Hashed") == std::string::npos;
    memoize += node.type == "Memoize";
    materialize += node.type == "Materialize";
    limit += node.type == "Limit";
    subplans += node.type == "CTE Scan" || node.type == "Subquery Scan";
  }
};

}  // namespace

FeatureVector features_of(const QueryShape& shape, const PlanTree& default_plan,
                          const DatabaseState& state) {
  PlanCounts plan;
  for_each_node(default_plan.root, [&](const PlanNode& node, int depth) { plan.add(node, depth); });
  const auto& root = default_plan.root;
  const double cost = std::max(root.total_cost, 1e-3);

  FeatureVector features{};
  std::size_t next = 0;
  const auto put = [&](double value) { features[next++] = static_cast<float>(value); };
  for (const int n :
       {shape.relations, shape.joins, shape.subqueries, shape.ctes, shape.aggregates_or_functions,
        shape.like, shape.in_lists, shape.set_operations})
    put(n / 8.0);
  for (const bool flag :
       {shape.group_by, shape.order_by, shape.limit, shape.distinct, shape.window})
    put(flag ? 1 : 0);
  put(log1p_scaled(root.total_cost));
  put(std::clamp(root.startup_cost / cost, 0.0, 1.0));
  put(log1p_scaled(root.rows));
  put(log1p_scaled(root.width));
  put(plan.nodes / 20.0);
  put(plan.depth / 10.0);
  for (const int n : {plan.nested, plan.hash, plan.merge, plan.semi, plan.anti, plan.seq,
                      plan.index, plan.index_only, plan.bitmap, plan.sorts, plan.hash_agg,
                      plan.sorted_agg, plan.memoize, plan.materialize, plan.limit, plan.subplans})
    put(n / 4.0);
  put(log1p_scaled(plan.max_rows));
  put(log1p_scaled(plan.outer_rows_nested));
  put(std::clamp(plan.bottleneck / cost, 0.0, 1.0));
  put(std::clamp(1.0 - state.cache_hit_ratio, 0.0, 1.0));
  put(log1p_scaled(state.active_backends));
  HINTD_CHECK(next == kFeatureCount, "features and their names differ in number");
  return features;
}

std::string_view feature_name(std::size_t index) {
  HINTD_CHECK(index < kFeatureCount, "no such feature");
  return kFeatureNames[index];
}

}  // namespace hintd
