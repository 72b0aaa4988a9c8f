#include "learning/policy/rule_learner.h"

#include <gtest/gtest.h>

namespace hintd::learning {
namespace {

constexpr std::size_t kArms = 4;
constexpr std::uint64_t kTemplate = 7;

// A statement whose arms each have a plan of their own: latencies by arm, 0 for not measured.
StatementEvidence& add(PlanMemory& memory, std::vector<std::uint64_t> literals,
                       std::vector<double> latencies, std::uint64_t shape = 1) {
  auto& statement = memory.statement(kTemplate, literals);
  statement.default_shape = shape;
  statement.groups.resize(kArms);
  for (std::uint16_t arm = 0; arm < kArms; ++arm) {
    statement.group_of_arm.push_back(arm);
    if (latencies[arm] <= 0) continue;
    statement.groups[arm].finished_ms = {latencies[arm]};
    if (arm > 0) statement.groups[arm].paired_ratios = {latencies[arm] / latencies[0]};
  }
  return statement;
}

TemplateRule learn(const PlanMemory& memory, Evidence evidence = Evidence::kVerified) {
  return RuleLearner(RuleConfig{}).learn(memory.templates().at(kTemplate), evidence);
}

TEST(RuleLearnerTest, AnArmIsNotTakenToBeFasterWhereItWasNeverRun) {
  PlanMemory memory;  // of the fast statements nothing is known but that they are fast
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {200, 20, 0, 0});
  for (std::uint64_t i = 10; i < 16; ++i) memory.statement(kTemplate, {i}).observed_ms = 10;
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
}

TEST(RuleLearnerTest, AnArmThatHelpsEveryStatementServesTheTemplate) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, {i}, {100, 40, 120, 0});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.rest.arm, 1);
  EXPECT_EQ(rule.cases_by, TemplateRule::CasesBy::kNothing);
  EXPECT_FALSE(rule.rest.hedged());
  EXPECT_DOUBLE_EQ(rule.default_latency.count(), 100);
}

TEST(RuleLearnerTest, OneRegressionMakesTheArmHedged) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, i == 3 ? 130.0 : 40.0, 95, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
}

TEST(RuleLearnerTest, AnArmThatHelpsNobodyLeavesTheDefault) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, 130, 98, 0});
  EXPECT_EQ(learn(memory).rest.arm, kDefaultArm);
  EXPECT_EQ(learn(memory).reason, DecisionReason::kNoWinner);
}

TEST(RuleLearnerTest, ALiteralThatDecidesGetsItsOwnArm) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const bool hot = i % 2 == 0;
    add(memory, {i, hot ? 50U : 60U}, {100, hot ? 20.0 : 150.0, 110, 0});
  }
  const auto rule = learn(memory);
  ASSERT_EQ(rule.cases_by, TemplateRule::CasesBy::kLiteral);
  EXPECT_EQ(rule.literal, 1);
  const std::vector<std::pair<std::uint64_t, RunChoice>> cases = {{50, {1, Millis(0)}}, {60, {}}};
  EXPECT_EQ(rule.cases, cases);
  EXPECT_TRUE(rule.rest.hedged()) << "a value never seen must not be slowed";
}

TEST(RuleLearnerTest, ThePlanDecidesWhereNoLiteralDoes) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i)
    add(memory, {i}, {100, i < 6 ? 20.0 : 150.0, 110, 0}, i < 6 ? 1 : 2);
  const auto rule = learn(memory);
  ASSERT_EQ(rule.cases_by, TemplateRule::CasesBy::kPlan);
  const std::vector<std::pair<std::uint64_t, RunChoice>> cases = {{1, {1, Millis(0)}}, {2, {}}};
  EXPECT_EQ(rule.cases, cases);
}

TEST(RuleLearnerTest, AFastStatementRulesOutRulesThatNeedAPlan) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i)
    add(memory, {i}, {i == 11 ? 5.0 : 100.0, i < 6 ? 20.0 : 150.0, 110, 0}, i < 6 ? 1 : 2);
  EXPECT_EQ(learn(memory).cases_by, TemplateRule::CasesBy::kNothing);
}

TEST(RuleLearnerTest, FewStatementsAreEnoughToHedge) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 2; ++i) add(memory, {i}, {100, 40, 120, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
}

TEST(RuleLearnerTest, OneSlowStatementSufficesToHedgeButNotToRunAlone) {
  PlanMemory memory;
  add(memory, {0}, {300, 100, 0, 0});
  add(memory, {1}, {60, 62, 0, 0});
  add(memory, {2}, {10, 0, 0, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
}

TEST(RuleLearnerTest, AValueOnWhichTheArmWasNeverRunIsServedLikeTheRest) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 4; ++i) add(memory, {i, 50}, {500, 100, 0, 0});
  for (std::uint64_t i = 4; i < 8; ++i) memory.statement(kTemplate, {i, 60}).observed_ms = 250;
  const auto rule = learn(memory);
  EXPECT_EQ(rule.rest.arm, 1);
  EXPECT_EQ(rule.case_for({{8, 60}}, 0), nullptr);
}

TEST(RuleLearnerTest, AProposalReachesBeyondWhatWasMeasured) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, i < 2 ? 30.0 : 0.0, 120, 0});
  EXPECT_TRUE(learn(memory).rest.hedged());
  EXPECT_EQ(learn(memory, Evidence::kProposed).rest.arm, 1);
  EXPECT_FALSE(learn(memory, Evidence::kProposed).rest.hedged());
}

TEST(RuleLearnerTest, AGainSeenInSingleRunsIsHedged) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i)
    add(memory, {i}, {100, 40, 120, 0}).groups[1].paired_ratios.clear();
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
  EXPECT_FALSE(learn(memory, Evidence::kProposed).rest.hedged());
}

TEST(RuleLearnerTest, ATemplateWithoutLiteralsIsProvedByItsOneStatement) {
  PlanMemory memory;
  add(memory, {}, {100, 40, 120, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
}

TEST(RuleLearnerTest, AnArmThatGaveAnotherResultIsNeverUsed) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i)
    add(memory, {i}, {100, 40, 120, 0}).groups[1].unusable = i == 5;
  EXPECT_EQ(learn(memory).rest.arm, kDefaultArm);
}

TEST(RuleLearnerTest, EnoughDifferentValuesSpeakForOthers) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 10; ++i) add(memory, {i, i / 2}, {100, 40, 120, 0});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.cases_by, TemplateRule::CasesBy::kNothing);
  EXPECT_EQ(rule.rest.arm, 1);
}

TEST(RuleLearnerTest, FastLiteralsKeepTheDefaultWhereSlowOnesWinMuch) {
  PlanMemory memory;  // every value is new, so no literal can tell them apart
  for (std::uint64_t i = 0; i < 8; ++i) {
    const bool slow = i < 4;
    add(memory, {i}, {slow ? 200.0 : 2.0, 8, 0, 0});
  }
  const auto rule = learn(memory);
  EXPECT_EQ(rule.rest.arm, 1);
  ASSERT_TRUE(rule.rest.hedged());
  EXPECT_LE(rule.rest.patience.count(), 8) << "no longer than the arm takes";
}

TEST(RuleLearnerTest, WhatTrafficShowedOfTheDefaultCountsForThePatience) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 4; ++i) add(memory, {i}, {200, 8, 0, 0});
  const auto before = learn(memory).rest;
  for (std::uint64_t i = 10; i < 150; ++i) memory.statement(kTemplate, {i}).observed_ms = 5;
  const auto after = learn(memory).rest;
  EXPECT_FALSE(before.hedged());
  ASSERT_TRUE(after.hedged());
  EXPECT_GE(after.patience.count(), 5);
}

TEST(RuleLearnerTest, AnArmWithWorkersMustWinMoreToBeHedged) {
  for (const bool parallel : {false, true}) {
    PlanMemory memory;
    for (std::uint64_t i = 0; i < 8; ++i)
      add(memory, {i}, {100, i % 4 == 3 ? 130.0 : 60.0, 0, 0}).groups[1].parallel = parallel;
    EXPECT_EQ(learn(memory).rest.hedged(), !parallel);
  }
}

TEST(RuleLearnerTest, AnArmThatWinsLittleIsNotWorthASecondRun) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 8; ++i) add(memory, {i}, {i < 4 ? 100.0 : 20.0, 80, 0, 0});
  EXPECT_EQ(learn(memory).rest.arm, kDefaultArm);
}

TEST(RuleLearnerTest, AFastTemplateIsLeftAlone) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {1.0, 0.4, 1.2, 0});
  EXPECT_EQ(learn(memory).reason, DecisionReason::kTooFast);
}

}  // namespace
}  // namespace hintd::learning
