#include "core/plan_tree.h"

#include <gtest/gtest.h>

namespace hintd {
namespace {

PlanNode scan(std::string type, std::string relation, std::string detail = "") {
  PlanNode node;
  node.type = std::move(type);
  node.relation = std::move(relation);
  node.detail = std::move(detail);
  node.rows = 10;
  node.total_cost = 5;
  return node;
}

PlanTree join_of(PlanNode left, PlanNode right, std::string type = "Nested Loop") {
  PlanTree plan;
  plan.root.type = std::move(type);
  plan.root.join_type = "Inner";
  plan.root.rows = 100;
  plan.root.total_cost = 42;
  plan.root.children = {std::move(left), std::move(right)};
  return plan;
}

PlanTree nested_loop() {
  return join_of(scan("Seq Scan", "c", "country = 'DE'"), scan("Index Scan", "o"));
}

HintSet hints(std::vector<Setting> settings) {
  return {.name = "h", .reason = "", .settings = std::move(settings)};
}

TEST(PlanShapeTest, IgnoresLiteralsEstimatesAndActualRows) {
  auto other = nested_loop();
  other.root.children[0].detail = "country = 'US'";
  other.root.rows = 99999;
  other.root.total_cost = 1;
  other.root.actual_rows = 7;
  EXPECT_EQ(nested_loop().shape_hash(), other.shape_hash());
}

TEST(PlanShapeTest, SeesOperatorsTablesIndexesAndOrder) {
  const auto shape = nested_loop().shape_hash();
  const auto c = scan("Seq Scan", "c", "country = 'DE'");
  const auto o = scan("Index Scan", "o");
  EXPECT_NE(shape, join_of(c, o, "Hash Join").shape_hash());
  EXPECT_NE(shape, join_of(o, c).shape_hash());
  EXPECT_NE(shape, join_of(c, scan("Index Scan", "p")).shape_hash());
  auto indexed = o;
  indexed.index = "orders_customer_id";
  EXPECT_NE(shape, join_of(c, indexed).shape_hash());
  auto semi = nested_loop();
  semi.root.join_type = "Semi";
  EXPECT_NE(shape, semi.shape_hash());
}

TEST(PlanShapeTest, SeesHowDeepANodeStands) {
  // sort(a, b) is not sort(a(b)).
  PlanTree flat, deep;
  flat.root = scan("Append", "");
  flat.root.children = {scan("Seq Scan", "a"), scan("Seq Scan", "b")};
  deep.root = scan("Append", "");
  deep.root.children = {scan("Seq Scan", "a")};
  deep.root.children[0].children = {scan("Seq Scan", "b")};
  EXPECT_NE(flat.shape_hash(), deep.shape_hash());
}

TEST(PlanIdentityTest, SeesConditions) {
  auto other = nested_loop();
  other.root.children[0].detail = "country = 'US'";
  EXPECT_NE(nested_loop().identity(hints({})), other.identity(hints({})));
}

TEST(PlanIdentityTest, OfTwoArmsWithOnePlanIsOne) {
  EXPECT_EQ(nested_loop().identity(hints({})),
            nested_loop().identity(hints({{"enable_hashjoin", "off"}})));
}

TEST(PlanIdentityTest, KeepsMemoryApartOnlyWhereThePlanUsesIt) {
  const auto small = hints({{"work_mem", "4MB"}});
  const auto large = hints({{"work_mem", "64MB"}});
  EXPECT_EQ(nested_loop().identity(small), nested_loop().identity(large));

  const auto hash_join = join_of(scan("Seq Scan", "c"), scan("Hash", ""), "Hash Join");
  EXPECT_NE(hash_join.identity(small), hash_join.identity(large));

  PlanTree hashed;
  hashed.root = scan("Aggregate", "");
  hashed.root.strategy = "Hashed";
  EXPECT_NE(hashed.identity(small), hashed.identity(large));
}

TEST(PlanTextTest, IndentsChildrenAndShowsNumbers) {
  auto plan = nested_loop();
  plan.root.actual_rows = 7;
  plan.root.children[1].index = "orders_customer";
  EXPECT_EQ(to_text(plan),
            "Nested Loop  rows=100 cost=42 actual=7\n"
            "  Seq Scan on c  rows=10 cost=5\n"
            "  Index Scan on o using orders_customer  rows=10 cost=5\n");
}

TEST(PlanTextTest, NeverShowsLiterals) {
  EXPECT_EQ(to_text(nested_loop()).find("DE"), std::string::npos);
}

TEST(ForEachNodeTest, VisitsParentsFirst) {
  std::string order;
  for_each_node(nested_loop().root, [&](const PlanNode& node, int depth) {
    order += node.type + std::to_string(depth) + " ";
  });
  EXPECT_EQ(order, "Nested Loop0 Seq Scan1 Index Scan1 ");
}

}  // namespace
}  // namespace hintd
