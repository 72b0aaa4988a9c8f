#include <gtest/gtest.h>

#include "database/postgres/explain_parser.h"

namespace hintd::database {
namespace {

constexpr const char* kAnswer = R"json([{
  "Plan": {
    "Node Type": "Aggregate", "Strategy": "Sorted", "Partial Mode": "Finalize",
    "Parallel Aware": false, "Startup Cost": 10.5, "Total Cost": 99.25, "Plan Rows": 7,
    "Plan Width": 12, "Actual Rows": 5, "Actual Loops": 1, "Group Key": ["o.status", "o.day"],
    "Shared Hit Blocks": 120, "Shared Read Blocks": 30, "Temp Written Blocks": 4,
    "Plans": [
      {"Node Type": "Index Only Scan", "Parent Relationship": "InitPlan",
       "Subplan Name": "InitPlan 1 (returns $0)", "Scan Direction": "Backward",
       "Index Name": "c_pkey", "Relation Name": "customers", "Alias": "c",
       "Startup Cost": 0, "Total Cost": 1, "Plan Rows": 1, "Plan Width": 4,
       "Actual Rows": 1, "Actual Loops": 1},
      {"Node Type": "Hash Join", "Parent Relationship": "Outer", "Join Type": "Semi",
       "Parallel Aware": true, "Hash Cond": "(o.id = i.order_id)", "Join Filter": "(o.a > i.b)",
       "Startup Cost": 2, "Total Cost": 90, "Plan Rows": 40, "Plan Width": 12,
       "Actual Rows": 20, "Actual Loops": 3,
       "Plans": [
         {"Node Type": "Seq Scan", "Relation Name": "orders", "Alias": "o", "Parallel Aware": true,
          "Filter": "(status = 'new'::text)", "Startup Cost": 0, "Total Cost": 50,
          "Plan Rows": 400, "Plan Width": 8, "Actual Rows": 100, "Actual Loops": 0}]}]},
  "Planning Time": 0.5, "Triggers": [], "Execution Time": 2.25}])json";

TEST(ExplainParserTest, ReadsANodesOwnFacts) {
  const auto plan = parse_explain(kAnswer);
  ASSERT_TRUE(plan) << plan.error().text();
  const auto& root = plan->root;
  EXPECT_EQ(root.type, "Aggregate");
  EXPECT_EQ(root.strategy, "Finalize Sorted");
  EXPECT_EQ(root.detail, R"(Group Key: ["o.status","o.day"])");
  EXPECT_EQ(root.startup_cost, 10.5);
  EXPECT_EQ(root.total_cost, 99.25);
  EXPECT_EQ(root.rows, 7);
  EXPECT_EQ(root.width, 12);
  EXPECT_EQ(root.actual_rows, 5);
}

TEST(ExplainParserTest, InitPlansAreChildrenWithTheirName) {
  const auto plan = parse_explain(kAnswer);
  ASSERT_TRUE(plan) << plan.error().text();
  ASSERT_EQ(plan->root.children.size(), 2U);
  const auto& init = plan->root.children[0];
  EXPECT_EQ(init.relation, "c");
  EXPECT_EQ(init.index, "c_pkey");
  EXPECT_EQ(init.strategy, "Backward");
  EXPECT_EQ(init.detail, "Subplan Name: InitPlan 1 (returns $0)");
}

TEST(ExplainParserTest, ReadsJoinsAndParallelAwareness) {
  const auto plan = parse_explain(kAnswer);
  ASSERT_TRUE(plan) << plan.error().text();
  const auto& join = plan->root.children[1];
  EXPECT_EQ(join.join_type, "Semi");
  EXPECT_EQ(join.strategy, "Parallel");
  EXPECT_EQ(join.detail, "Hash Cond: (o.id = i.order_id); Join Filter: (o.a > i.b)");
  EXPECT_EQ(join.actual_rows, 60) << "rows of all loops";
  EXPECT_EQ(join.children[0].actual_rows, 0) << "never executed";
}

TEST(ExplainParserTest, AnAnalysisHasTimeAndBlocks) {
  const auto analysis = parse_analysis(kAnswer);
  ASSERT_TRUE(analysis) << analysis.error().text();
  EXPECT_EQ(analysis->execution.latency, Millis{2.75});
  EXPECT_EQ(analysis->execution.rows, 5);
  EXPECT_EQ(analysis->blocks_hit, 120);
  EXPECT_EQ(analysis->blocks_read, 30);
  EXPECT_EQ(analysis->temp_blocks, 4);
}

TEST(ExplainParserTest, APlanThatWasNotRunHasNoActualRows) {
  const auto plan = parse_explain(R"([{"Plan": {"Node Type": "Result", "Plan Rows": 1}}])");
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_FALSE(plan->root.actual_rows);
  EXPECT_TRUE(plan->root.strategy.empty());
}

TEST(ExplainParserTest, WhatIsNoPlanIsCorrupt) {
  for (const auto* text :
       {"", "Seq Scan on orders", "[]", "{}", "[{}]", R"([{"Plan": {}}])",
        R"([{"Plan": {"Node Type": "Result", "Plan Rows": "many"}}])", R"([{"Plan": {"Node Type")",
        R"([{"Plan": {"Node Type": "Append", "Plans": [7]}}])"}) {
    const auto plan = parse_explain(text);
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().kind, ErrorKind::kCorrupt);
    EXPECT_EQ(plan.error().text().find('\n'), std::string::npos);
  }
  EXPECT_FALSE(parse_analysis(R"([{"Plan": {"Node Type": "Result"}}])")) << "no times";
}

}  // namespace
}  // namespace hintd::database
