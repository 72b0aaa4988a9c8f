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

TEST(RuleLearnerTest, AnArmThatHelpsEveryStatementServesTheTemplate) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, 40, 120, 0});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.arm, 1);
  EXPECT_EQ(rule.cases_by, TemplateRule::CasesBy::kNothing);
  EXPECT_EQ(rule.reason, DecisionReason::kVerified);
  EXPECT_DOUBLE_EQ(rule.default_latency.count(), 100);
}

TEST(RuleLearnerTest, OneRegressionVetoesTheArm) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, i == 3 ? 130.0 : 40.0, 95, 0});
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
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
  EXPECT_EQ(rule.arm, kDefaultArm) << "a value never seen must be left alone";
  ASSERT_EQ(rule.cases.size(), 1U);
  EXPECT_EQ(rule.cases.front(), (std::pair<std::uint64_t, ArmId>{50, 1}));
}

TEST(RuleLearnerTest, ThePlanDecidesWhereNoLiteralDoes) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i)
    add(memory, {i}, {100, i < 6 ? 20.0 : 150.0, 110, 0}, i < 6 ? 1 : 2);
  const auto rule = learn(memory);
  ASSERT_EQ(rule.cases_by, TemplateRule::CasesBy::kPlan);
  ASSERT_EQ(rule.cases.size(), 1U);
  EXPECT_EQ(rule.cases.front(), (std::pair<std::uint64_t, ArmId>{1, 1}));
}

TEST(RuleLearnerTest, AFastStatementRulesOutRulesThatNeedAPlan) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i)
    add(memory, {i}, {i == 11 ? 5.0 : 100.0, i < 6 ? 20.0 : 150.0, 110, 0}, i < 6 ? 1 : 2);
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
  EXPECT_EQ(learn(memory).cases_by, TemplateRule::CasesBy::kNothing);
}

TEST(RuleLearnerTest, TooFewStatementsProveNothing) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 2; ++i) add(memory, {i}, {100, 40, 120, 0});
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
}

TEST(RuleLearnerTest, AProposalReachesBeyondWhatWasMeasured) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, i < 2 ? 30.0 : 0.0, 120, 0});
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
  EXPECT_EQ(learn(memory, Evidence::kProposed).arm, 1);
}

TEST(RuleLearnerTest, AProposalNeedsNoMoreStatementsThanWereSearched) {
  PlanMemory memory;  // too fast for a rule by plan, and the last literal's values come again
  for (std::uint64_t i = 0; i < 3; ++i) add(memory, {i, i % 2}, {15, 3, 20, 0});
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
  EXPECT_EQ(learn(memory, Evidence::kProposed).arm, 1);
}

TEST(RuleLearnerTest, ARunStoppedBeyondTheDefaultIsARegression) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) {
    auto& statement = add(memory, {i}, {100, i == 0 ? 0.0 : 40.0, 0, 0});
    if (i == 0) statement.groups[1].longer_than_ms = 150;
  }
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
}

TEST(RuleLearnerTest, AGainSeenInSingleRunsIsOnlyProposed) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i)
    add(memory, {i}, {100, 40, 120, 0}).groups[1].paired_ratios.clear();
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
  EXPECT_EQ(learn(memory, Evidence::kProposed).arm, 1);
}

TEST(RuleLearnerTest, ATemplateWithoutLiteralsIsProvedByItsOneStatement) {
  PlanMemory memory;
  add(memory, {}, {100, 40, 120, 0});
  EXPECT_EQ(learn(memory).arm, 1);
}

TEST(RuleLearnerTest, AnArmThatGaveAnotherResultIsNeverUsed) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i)
    add(memory, {i}, {100, 40, 120, 0}).groups[1].unusable = i == 5;
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
}

TEST(RuleLearnerTest, AValueNeverMeasuredIsLeftAloneWhereValuesComeAgain) {
  PlanMemory memory;  // one country was measured; another one came, but was not
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i, 50}, {100, 40, 120, 0});
  memory.statement(kTemplate, {7, 60});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.arm, kDefaultArm);
  ASSERT_EQ(rule.cases_by, TemplateRule::CasesBy::kLiteral);
  EXPECT_EQ(rule.cases.front(), (std::pair<std::uint64_t, ArmId>{50, 1}));
}

TEST(RuleLearnerTest, EnoughDifferentValuesSpeakForOthers) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 10; ++i) add(memory, {i, i / 2}, {100, 40, 120, 0});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.cases_by, TemplateRule::CasesBy::kNothing);
  EXPECT_EQ(rule.arm, 1);
}

TEST(RuleLearnerTest, ACaseIsNotMadeBesideALiteralOfWhichAValueWasNotMeasured) {
  PlanMemory memory;  // months and countries come again; a third country came and was not measured
  for (std::uint64_t i = 0; i < 8; ++i) {
    const bool hot = i < 6;
    add(memory, {100 + i % 2, hot ? 50U : 60U, i}, {100, hot ? 40.0 : 160.0, 120, 0});
  }
  memory.statement(kTemplate, {100, 70, 8});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.arm, kDefaultArm);
  EXPECT_EQ(rule.literal, 1) << "months were measured all, countries were not: the country decides";
  ASSERT_EQ(rule.cases.size(), 1U);
  EXPECT_EQ(rule.cases.front(), (std::pair<std::uint64_t, ArmId>{50, 1}));
}

TEST(RuleLearnerTest, FastLiteralsKeepTheDefaultWhereSlowOnesWinMuch) {
  PlanMemory memory;  // every value is new, so no literal can tell them apart
  for (std::uint64_t i = 0; i < 8; ++i) {
    const bool slow = i < 4;
    add(memory, {i}, {slow ? 200.0 : 2.0, 8, 0, 0});
  }
  const auto rule = learn(memory);
  EXPECT_EQ(rule.arm, 1);
  EXPECT_EQ(rule.reason, DecisionReason::kPatient);
  EXPECT_DOUBLE_EQ(rule.patience.count(), 16) << "twice the arm's slowest run";
}

TEST(RuleLearnerTest, PatienceNeedsMoreThanOneSlowStatement) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 8; ++i) add(memory, {i}, {i == 0 ? 200.0 : 2.0, 8, 0, 0});
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
}

TEST(RuleLearnerTest, AnArmThatWinsLittleIsNotWorthThePatience) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 8; ++i) add(memory, {i}, {i < 4 ? 100.0 : 20.0, 50, 0, 0});
  EXPECT_EQ(learn(memory).arm, kDefaultArm);
}

TEST(RuleLearnerTest, AFastTemplateIsLeftAlone) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {1.0, 0.4, 1.2, 0});
  EXPECT_EQ(learn(memory).reason, DecisionReason::kTooFast);
}

}  // namespace
}  // namespace hintd::learning
