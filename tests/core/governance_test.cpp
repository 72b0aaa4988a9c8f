#include "core/governance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hintd {
namespace {

using ::testing::ElementsAre;

Eligibility check(const std::string& sql) {
  static const Governance governance({"count", "lower", "shop.price_of"});
  const auto parsed = parse_query(sql);
  EXPECT_TRUE(parsed) << sql;
  return governance.check(*parsed->query_template);
}

TEST(GovernanceTest, ListedFunctionsPassWithAndWithoutTheirSchema) {
  EXPECT_EQ(check("SELECT count(*), lower(name), pg_catalog.lower(x) FROM t"),
            Eligibility::kEligible);
  EXPECT_EQ(check("SELECT shop.price_of(1)"), Eligibility::kEligible);
  EXPECT_EQ(check("SELECT \"Count\"(1)"), Eligibility::kFunctionUnknown);
  EXPECT_EQ(check("SELECT price_of(1)"), Eligibility::kFunctionUnknown);
  EXPECT_EQ(check("SELECT other.lower(x) FROM t"), Eligibility::kFunctionUnknown);
}

TEST(GovernanceTest, FunctionsAreFoundWhereverTheyStand) {
  for (const auto* sql :
       {"SELECT nextval('s')", "SELECT a FROM t WHERE b = nextval('s')",
        "SELECT a FROM dblink('x', 'y') AS t(a int)", "SELECT (SELECT setval('s', 1))",
        "WITH x AS (SELECT pg_sleep(1)) SELECT count(*) FROM x",
        "SELECT a FROM t ORDER BY random()", "SELECT count(*) FILTER (WHERE f(a)) FROM t",
        "SELECT a FROM t, LATERAL set_config('a', 'b', false)", "SELECT current_query()"})
    EXPECT_EQ(check(sql), Eligibility::kFunctionUnknown) << sql;
}

TEST(GovernanceTest, WhatWritesOrLocksIsNoSelect) {
  for (const auto* sql : {"INSERT INTO t VALUES (1)", "SELECT a FROM t FOR SHARE",
                          "SELECT a INTO b FROM t", "SELECT 1; SELECT 2", "EXPLAIN SELECT 1",
                          "WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT a FROM x"})
    EXPECT_EQ(check(sql), Eligibility::kNotOneSelect) << sql;
}

TEST(GovernanceTest, RelationsOfPostgresShowTheSessionItself) {
  for (const auto* sql : {"SELECT * FROM pg_settings", "SELECT * FROM pg_catalog.pg_class",
                          "SELECT * FROM information_schema.tables",
                          "SELECT a FROM t WHERE b IN (SELECT pid FROM pg_stat_activity)"})
    EXPECT_EQ(check(sql), Eligibility::kSystemRelation) << sql;
  EXPECT_EQ(check("SELECT a FROM pgbench_accounts"), Eligibility::kEligible);
}

TEST(GovernanceTest, WithoutAListNoFunctionPasses) {
  EXPECT_EQ(Governance().check(*parse_query("SELECT count(*) FROM t")->query_template),
            Eligibility::kFunctionUnknown);
  EXPECT_EQ(Governance().check(*parse_query("SELECT a FROM t")->query_template),
            Eligibility::kEligible);
}

TEST(GovernanceTest, ATemplateNamesWhatItUsesOnce) {
  const auto parsed = parse_query("SELECT f(a), f(b), s.g(a) FROM t, s.u, t x WHERE a = $1");
  EXPECT_THAT(parsed->query_template->functions, ElementsAre("f", "s.g"));
  EXPECT_THAT(parsed->query_template->relations, ElementsAre("t", "s.u"));
  EXPECT_TRUE(parsed->query_template->parameters);
}

}  // namespace
}  // namespace hintd
