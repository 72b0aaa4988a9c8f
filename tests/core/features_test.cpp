#include "core/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace hintd {
namespace {

float feature(const FeatureVector& features, std::string_view name) {
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    if (feature_name(i) == name) return features[i];
  ADD_FAILURE() << "no feature " << name;
  return -1;
}

PlanNode node(std::string type, double rows, double cost, std::vector<PlanNode> children = {}) {
  PlanNode made;
  made.type = std::move(type);
  made.rows = rows;
  made.total_cost = cost;
  made.children = std::move(children);
  return made;
}

TEST(FeaturesTest, HaveDistinctNames) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kFeatureCount; ++i) names.insert(feature_name(i));
  EXPECT_EQ(names.size(), kFeatureCount);
  EXPECT_EQ(names.count(""), 0U);
}

TEST(FeaturesTest, OfAnEmptyPlanAreFiniteAndSmall) {
  for (const float value : features_of({}, {}, {})) {
    EXPECT_TRUE(std::isfinite(value));
    EXPECT_LE(std::abs(value), 1.0F);
  }
}

TEST(FeaturesTest, OfAHugePlanStayInRange) {
  QueryShape shape;
  shape.relations = 12;
  shape.joins = 11;
  PlanNode root = node("Nested Loop", 1e15, 1e15);
  for (int i = 0; i < 30; ++i)
    root = node("Nested Loop", 1e15, 1e15, {root, node("Seq Scan", 1e12, 1e9)});
  for (const float value :
       features_of(shape, {root}, {.cache_hit_ratio = 0, .active_backends = 500})) {
    EXPECT_TRUE(std::isfinite(value));
    EXPECT_GE(value, 0.0F);
    EXPECT_LE(value, 10.0F);
  }
}

TEST(FeaturesTest, OfNonsenseEstimatesStayFinite) {
  auto root = node("Sort", -1, -5);
  root.startup_cost = 100;
  for (const float value :
       features_of({}, {root}, {.cache_hit_ratio = 1.5, .active_backends = -1})) {
    EXPECT_TRUE(std::isfinite(value));
    EXPECT_GE(value, 0.0F);
  }
}

TEST(FeaturesTest, CountThePlansOperators) {
  auto semi =
      node("Hash Join", 10, 50,
           {node("Seq Scan", 1000, 20), node("Hash", 5, 10, {node("Index Only Scan", 5, 10)})});
  semi.join_type = "Semi";
  auto hashed = node("Aggregate", 3, 60, {semi});
  hashed.strategy = "Hashed";
  const PlanTree plan{node("Limit", 3, 100, {node("Sort", 3, 90, {hashed})})};
  const auto features = features_of({}, plan, {});
  for (const auto* name : {"plan_hash_joins", "plan_semi_joins", "plan_seq_scans",
                           "plan_index_only", "plan_hash_aggregates", "plan_sorts", "plan_limit"})
    EXPECT_FLOAT_EQ(feature(features, name), 0.25F) << name;
  for (const auto* name : {"plan_nested_loops", "plan_merge_joins", "plan_anti_joins",
                           "plan_index_scans", "plan_sorted_aggregates", "plan_bitmap_scans"})
    EXPECT_FLOAT_EQ(feature(features, name), 0.0F) << name;
  EXPECT_FLOAT_EQ(feature(features, "plan_nodes"), 7 / 20.0F);
  EXPECT_FLOAT_EQ(feature(features, "plan_max_rows"), static_cast<float>(std::log1p(1000) / 10));
}

TEST(FeaturesTest, FindTheCostliestNode) {
  // 70 of 100 are the sequential scan's own.
  const PlanTree plan{node("Hash Join", 1, 100, {node("Seq Scan", 1, 70), node("Hash", 1, 20)})};
  EXPECT_FLOAT_EQ(feature(features_of({}, plan, {}), "plan_bottleneck_share"), 0.7F);
}

TEST(FeaturesTest, TellWhatDrivesANestedLoop) {
  const PlanTree plan{
      node("Nested Loop", 9, 9, {node("Seq Scan", 500, 1), node("Index Scan", 9999, 1)})};
  EXPECT_FLOAT_EQ(feature(features_of({}, plan, {}), "plan_outer_rows_nested"),
                  static_cast<float>(std::log1p(500) / 10));
}

TEST(FeaturesTest, FollowTheQueryAndTheDatabase) {
  QueryShape shape;
  shape.relations = 4;
  shape.limit = true;
  const auto features = features_of(shape, {}, {.cache_hit_ratio = 0.75, .active_backends = 3});
  EXPECT_FLOAT_EQ(feature(features, "query_relations"), 0.5F);
  EXPECT_FLOAT_EQ(feature(features, "query_limit"), 1.0F);
  EXPECT_FLOAT_EQ(feature(features, "query_order_by"), 0.0F);
  EXPECT_FLOAT_EQ(feature(features, "db_cache_miss"), 0.25F);
  EXPECT_FLOAT_EQ(feature(features, "db_active_backends"), static_cast<float>(std::log1p(3) / 10));
}

}  // namespace
}  // namespace hintd
