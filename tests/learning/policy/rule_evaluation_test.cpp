#include "learning/policy/rule_evaluation.h"

#include <gtest/gtest.h>

namespace hintd::learning {
namespace {

constexpr std::uint64_t kJudgedTemplate = 7;

void add(PlanMemory& memory, std::uint64_t literal, double default_ms, double arm_ms) {
  auto& statement = memory.statement(kJudgedTemplate, {literal});
  statement.group_of_arm = {0, 1};
  statement.groups.resize(2);
  statement.groups[0].finished_ms = {default_ms};
  if (arm_ms > 0) statement.groups[1].finished_ms = {arm_ms};
}

RuleFigures figures(const PlanMemory& memory) {
  return cross_validate(RuleLearner(RuleConfig{}), memory);
}

TEST(RuleEvaluationTest, AnArmThatHelpsEveryStatementCapturesNearlyAll) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, i, 200, 20);
  const auto found = figures(memory);
  EXPECT_EQ(found.searched, 30);
  EXPECT_EQ(found.hinted, 30);
  EXPECT_DOUBLE_EQ(found.default_ms, 6000);
  EXPECT_DOUBLE_EQ(found.best_ms, 600);
  EXPECT_GT(found.captured(), 0.95);
  EXPECT_LT(found.captured(), 1);
  EXPECT_EQ(found.slower_share(), 0);
}

TEST(RuleEvaluationTest, WhatNoRuleServesIsLostAndNoSlower) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, i, 50, i == 4 ? 10 : 500);
  const auto found = figures(memory);
  EXPECT_EQ(found.hinted, 0);
  EXPECT_EQ(found.captured(), 0);
  EXPECT_DOUBLE_EQ(found.lost_without_rule_ms, 40);
  EXPECT_EQ(found.slower_share(), 0);
}

TEST(RuleEvaluationTest, StatementsThatOnlyTrafficMetMayBecomeSlower) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 40; ++i) add(memory, i, 400, 20);
  for (std::uint64_t i = 100; i < 103; ++i) memory.statement(kJudgedTemplate, {i}).observed_ms = 8;
  const auto found = figures(memory);
  EXPECT_EQ(found.searched, 40);
  EXPECT_EQ(found.observed, 3);
  EXPECT_GT(found.slower, 0);
  EXPECT_LT(found.slower, 3 * 0.22 + 0.01) << "two runs slow each other seldom";
  EXPECT_DOUBLE_EQ(found.slower_share(), found.slower / 43);
}

TEST(RuleEvaluationTest, AStatementOnWhichTheRulesArmWasNotRunIsLeftOut) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, i, 200, i == 7 ? 0 : 20);
  const auto found = figures(memory);
  EXPECT_EQ(found.unknown, 1);
  EXPECT_EQ(found.searched, 29);
}

TEST(RuleEvaluationTest, FiguresAddUp) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, i, 200, 20);
  const auto one = figures(memory);
  auto both = one;
  both += one;
  EXPECT_EQ(both.searched, 60);
  EXPECT_DOUBLE_EQ(both.captured(), one.captured());
  EXPECT_EQ(figures({}).captured(), 0);
  EXPECT_EQ(figures({}).slower_share(), 0);
}

}  // namespace
}  // namespace hintd::learning
