#include "learning/policy/rule_learner.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hintd::learning {
namespace {

constexpr std::size_t kRuleArms = 4;
constexpr std::uint64_t kTemplate = 7;

// A statement whose arms each have a plan of their own: latencies by arm, 0 for not measured.
StatementEvidence& add(PlanMemory& memory, std::vector<std::uint64_t> literals,
                       std::vector<double> latencies, std::uint64_t shape = 1) {
  auto& statement = memory.statement(kTemplate, literals);
  statement.default_shape = shape;
  statement.groups.resize(kRuleArms);
  for (std::uint16_t arm = 0; arm < kRuleArms; ++arm) {
    statement.group_of_arm.push_back(arm);
    if (latencies[arm] <= 0) continue;
    statement.groups[arm].finished_ms = {latencies[arm]};
    if (arm > 0) statement.groups[arm].paired_ratios = {latencies[arm] / latencies[0]};
  }
  return statement;
}

TemplateRule learn(const PlanMemory& memory) {
  return RuleLearner(RuleConfig{}).learn(memory.templates().at(kTemplate));
}

TEST(RuleLearnerTest, AnArmIsNotTakenToBeFasterWhereItWasNeverRun) {
  PlanMemory memory;  // of the fast statements nothing is known but that they are fast
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {200, 20, 0, 0});
  for (std::uint64_t i = 10; i < 16; ++i) memory.statement(kTemplate, {i}).observed_ms = 10;
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_NE(learn(memory).rest.switch_after.count(), 2);
}

// Arm 2 ran on a fast statement alone, and was no faster there.
TEST(RuleLearnerTest, AnArmIsNotTakenToSaveMoreOfSlowStatementsThanWhereItWasRun) {
  PlanMemory memory;
  add(memory, {1}, {22, 21, 20, 0});
  for (std::uint64_t i = 2; i < 5; ++i) add(memory, {i}, {200, 110, 0, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
}

TEST(RuleLearnerTest, AnArmThatRanOnceDoesNotDisplaceOneThatRanMoreOften) {
  PlanMemory memory;
  add(memory, {1}, {400, 200, 90, 0});
  for (std::uint64_t i = 2; i < 5; ++i) add(memory, {i}, {400, 200, 0, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
  memory = {};
  add(memory, {1}, {400, 200, 90, 0});
  EXPECT_EQ(learn(memory).rest.arm, 2) << "both ran once";
  memory = {};
  add(memory, {1}, {400, 420, 90, 0});
  for (std::uint64_t i = 2; i < 5; ++i) add(memory, {i}, {400, 420, 0, 0});
  EXPECT_EQ(learn(memory).rest.arm, 2) << "the other is not worth it";
}

TEST(RuleLearnerTest, WhatARuleSavesIsAPartOfTheDefaultsCost) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 4; ++i) add(memory, {i}, {100, 40, 60, 0});
  const RuleLearner learner(RuleConfig{});
  const auto saved = [&](ArmId arm) {
    TemplateRule rule;
    rule.rest.arm = arm;
    return learner.saved(rule, memory.templates().at(kTemplate));
  };
  EXPECT_EQ(saved(kDefaultArm), 0);
  EXPECT_NEAR(saved(1), 0.6, 0.05);
  EXPECT_NEAR(saved(2), 0.4, 0.05);
  EXPECT_EQ(saved(3), 0) << "never run";
}

TEST(RuleLearnerTest, AnArmThatHelpsEveryStatementServesTheTemplate) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, {i}, {100, 40, 120, 0});
  const auto rule = learn(memory);
  EXPECT_EQ(rule.rest.arm, 1);
  EXPECT_EQ(rule.cases_by, TemplateRule::CasesBy::kNothing);
  EXPECT_TRUE(rule.rest.hedged());
  EXPECT_LE(rule.rest.patience.count(), 2);
  EXPECT_GT(rule.rest.switch_after.count(), 0);
  EXPECT_DOUBLE_EQ(rule.default_latency.count(), 100);
}

TEST(RuleLearnerTest, AfterOneRegressionTheDefaultIsNotEndedForTheArm) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {100, i == 3 ? 130.0 : 40.0, 95, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
  EXPECT_EQ(learn(memory).rest.switch_after.count(), 0);
}

TEST(RuleLearnerTest, TheDefaultIsEndedForTheArmOnlyWhereItTakesLong) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const bool slow = i < 15;
    add(memory, {i}, {slow ? 5000.0 : 2.0, slow ? 50.0 : 20.0, 0, 0});
  }
  const auto choice = learn(memory).rest;
  EXPECT_EQ(choice.arm, 1);
  EXPECT_GT(choice.switch_after, choice.patience);
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
  EXPECT_EQ(rule.choice_for(std::vector<std::uint64_t>{99, 50}, 1).arm, 1);
  EXPECT_EQ(rule.choice_for(std::vector<std::uint64_t>{99, 60}, 1).arm, kDefaultArm);
  EXPECT_TRUE(rule.rest.hedged()) << "a value never seen must not be slowed";
}

TEST(RuleLearnerTest, ThePlanDecidesWhereNoLiteralDoes) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i)
    add(memory, {i}, {100, i < 6 ? 20.0 : 150.0, 110, 0}, i < 6 ? 1 : 2);
  const auto rule = learn(memory);
  ASSERT_EQ(rule.cases_by, TemplateRule::CasesBy::kPlan);
  EXPECT_EQ(rule.choice_for(std::vector<std::uint64_t>{99}, 1).arm, 1);
  EXPECT_EQ(rule.choice_for(std::vector<std::uint64_t>{99}, 2).arm, kDefaultArm);
}

TEST(RuleLearnerTest, AFastStatementRulesOutRulesThatNeedAPlan) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i)
    add(memory, {i}, {i == 11 ? 5.0 : 100.0, i < 6 ? 20.0 : 150.0, 110, 0}, i < 6 ? 1 : 2);
  EXPECT_EQ(learn(memory).cases_by, TemplateRule::CasesBy::kNothing);
}

TEST(RuleLearnerTest, FewStatementsAreEnoughToHedgeButNotToEndTheDefault) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 2; ++i) add(memory, {i}, {100, 40, 120, 0});
  EXPECT_EQ(learn(memory).rest.arm, 1);
  EXPECT_TRUE(learn(memory).rest.hedged());
  EXPECT_EQ(learn(memory).rest.switch_after.count(), 0);
}

TEST(RuleLearnerTest, OneSlowStatementSufficesToHedge) {
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

TEST(RuleLearnerTest, AValueOfFastStatementsOnWhichTheArmWasNeverRunIsServedLikeTheRest) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 4; ++i) add(memory, {i, 50}, {100, 30, 0, 0});
  for (std::uint64_t i = 4; i < 8; ++i)
    memory.statement(kTemplate, {i, 60}).observed_ms = i % 2 == 0 ? 4 : 24;
  const auto rule = learn(memory);
  EXPECT_EQ(rule.rest.arm, 1);
  EXPECT_EQ(rule.case_for({{8, 60}}, 0), nullptr);
}

TEST(RuleLearnerTest, SingleRunsOfTheSearchAreEvidenceEnough) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) {
    auto& statement = add(memory, {i}, {100, i < 2 ? 30.0 : 0.0, 120, 0});
    statement.groups[1].paired_ratios.clear();
  }
  EXPECT_EQ(learn(memory).rest.arm, 1);
}

TEST(RuleLearnerTest, ATemplateWithoutLiteralsIsItsOneStatement) {
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
  EXPECT_GE(rule.rest.patience.count(), 2);
  EXPECT_LE(rule.rest.patience.count(), 20) << "a tenth of what the slow ones take";
}

TEST(RuleLearnerTest, AnArmJoinsSoLateThatItSlowsFewOfTheFastStatements) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 10; ++i) add(memory, {i}, {400, 40, 0, 0});
  for (std::uint64_t i = 0; i < 20; ++i)  // of which only traffic knows
    memory.statement(kTemplate, {100 + i}).observed_ms = 5 + static_cast<double>(i);
  const auto rule = learn(memory).rest;
  EXPECT_EQ(rule.arm, 1);
  EXPECT_GT(rule.patience.count(), 10) << "joining costs a millisecond and more";
  EXPECT_LT(rule.patience.count(), 60);
}

TEST(RuleLearnerTest, WhatTrafficShowedOfTheDefaultCountsForThePatience) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 4; ++i) add(memory, {i}, {200, 8, 0, 0});
  const auto before = learn(memory).rest;
  for (std::uint64_t i = 10; i < 50; ++i) memory.statement(kTemplate, {i}).observed_ms = 5;
  const auto after = learn(memory).rest;
  EXPECT_LT(before.patience.count(), 5);
  EXPECT_GE(after.patience.count(), 5);
}

TEST(RuleLearnerTest, AnArmWithWorkersMustWinMoreToBeHedged) {
  for (const bool parallel : {false, true}) {
    PlanMemory memory;
    for (std::uint64_t i = 0; i < 8; ++i)
      add(memory, {i}, {100, i % 4 == 3 ? 130.0 : 45.0, 0, 0}).groups[1].parallel = parallel;
    EXPECT_EQ(learn(memory).rest.hedged(), !parallel);
  }
}

// A sixth of the statements is slow and won by the arm, the rest is not.
PlanMemory won_where_slow() {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const bool slow = i % 6 == 0;
    add(memory, {i}, {slow ? 400.0 : 60.0, 150, 0, 0});
  }
  return memory;
}

TEST(RuleLearnerTest, WhatRunsSideBySideWereMeasuredToLoseDecidesOnTheHedge) {
  const auto choice = [](std::vector<double> slow_downs) {
    auto memory = won_where_slow();
    memory.templates().at(kTemplate).begin()->second.groups[1].slow_downs = std::move(slow_downs);
    return learn(memory).rest;
  };
  EXPECT_EQ(choice({1.0, 1.02}).arm, 1);
  EXPECT_LT(choice({1.0, 1.02}).patience, choice({}).patience) << "not measured: with care";
  EXPECT_GT(choice({1.3, 1.35}).patience, choice({}).patience);
  EXPECT_GT(choice({1.3, 1.35}).patience.count(), 160) << "not where others would pay for it";
}

TEST(RuleLearnerTest, TheArmJoinsLaterWhereItSlowedAFastStatementMoreThanIsAllowed) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {400, 40, 0, 0});
  for (std::uint64_t i = 6; i < 8; ++i)
    add(memory, {i}, {20, 200, 0, 0}).groups[1].slow_downs = {1.06};
  RuleConfig strict;
  strict.max_risk = 0.01;
  const auto rule = RuleLearner(strict).learn(memory.templates().at(kTemplate)).rest;
  EXPECT_EQ(rule.arm, 1);
  EXPECT_GT(rule.patience.count(), 13.2) << "a 34th of the rest is a hundredth of 20 ms";
  EXPECT_LT(learn(memory).rest.patience.count(), 13.2);
}

TEST(RuleLearnerTest, WhatWasNotMeasuredSideBySideMayBeHopedFor) {
  const auto memory = won_where_slow();
  const auto hopeful =
      RuleLearner(RuleConfig{}).learn(memory.templates().at(kTemplate), Unmeasured::kHopeful).rest;
  EXPECT_EQ(hopeful.arm, 1);
  EXPECT_LT(hopeful.patience, learn(memory).rest.patience);
}

TEST(RuleLearnerTest, AnArmWithWorkersTakesTheDefaultsPlaceWhereItIsProvedOnFastStatementsToo) {
  const auto choice = [](bool parallel, int measured) {
    PlanMemory memory;
    for (std::uint64_t i = 0; i < 8; ++i) {
      const double usual_ms = 100 * static_cast<double>(i + 1);
      const bool known = static_cast<int>(i) >= 8 - measured;  // the slower ones first
      add(memory, {i}, {usual_ms, known ? 0.5 * usual_ms : 0, 0, 0}).groups[1].parallel = parallel;
    }
    return learn(memory).rest;
  };
  EXPECT_TRUE(choice(true, 8).takes_over);
  EXPECT_EQ(choice(true, 8).switch_after, choice(true, 8).patience);
  EXPECT_FALSE(choice(true, 3).takes_over) << "the fast half is not known";
  EXPECT_EQ(choice(false, 8).arm, 1);
  EXPECT_FALSE(choice(false, 8).takes_over) << "beside it the default is an insurance";
}

// Statements alike, of which the arm with workers was run on the slowest: what it does on the
// fastest is hoped for, so that it is run there, and then decides.
TEST(RuleLearnerTest, OfLikeStatementsAnArmIsHopedToBeFasterOnTheFastestToo) {
  const auto choice = [](double fastest_ms, Unmeasured unmeasured) {
    PlanMemory memory;
    for (std::uint64_t i = 0; i < 12; ++i) {
      const double usual_ms = 45 + 6 * static_cast<double>(i);
      const double arm_ms = i >= 8 ? 0.6 * usual_ms : i < 4 ? fastest_ms : 0;
      add(memory, {i}, {usual_ms, arm_ms, 0, 0}).groups[1].parallel = true;
    }
    return RuleLearner(RuleConfig{}).learn(memory.templates().at(kTemplate), unmeasured).rest;
  };
  EXPECT_EQ(choice(0, Unmeasured::kCautious).arm, kDefaultArm);
  EXPECT_TRUE(choice(0, Unmeasured::kHopeful).takes_over);
  EXPECT_TRUE(choice(28, Unmeasured::kCautious).takes_over);
  EXPECT_EQ(choice(70, Unmeasured::kCautious).arm, kDefaultArm);
  EXPECT_EQ(choice(70, Unmeasured::kHopeful).arm, kDefaultArm) << "it was measured";
}

TEST(RuleLearnerTest, AnArmThatWinsLittleIsNotWorthASecondRun) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 8; ++i)
    add(memory, {i}, {i < 4 ? 100.0 : 20.0, i < 4 ? 90.0 : 18.0, 0, 0});
  EXPECT_EQ(learn(memory).rest.arm, kDefaultArm);
}

TEST(RuleLearnerTest, AFastTemplateIsLeftAlone) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 6; ++i) add(memory, {i}, {1.0, 0.4, 1.2, 0});
  EXPECT_EQ(learn(memory).reason, DecisionReason::kTooFast);
}

// A flat arm, 40 ms, of a template whose statements take 1 to 640 ms by what two literals say.
PlanMemory two_literals(std::uint64_t left_out) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto root = i % 6;
    const auto month = i % 5;
    if (i % 7 == left_out) continue;
    const double ms =
        std::pow(2.0, static_cast<double>(root)) * (1 + 5 * static_cast<double>(month));
    add(memory, {100 + root, 200 + month, i}, {ms, 40, 0, 0});
  }
  return memory;
}

TEST(RuleLearnerTest, StatementsThatAreForecastToBeSlowGetTheArmSooner) {
  const auto memory = two_literals(3);
  const RuleLearner learner(RuleConfig{});
  const auto rules = learner.learn_all(memory);
  const auto& rule = rules.at(kTemplate);
  ASSERT_EQ(rule.cases_by, TemplateRule::CasesBy::kForecast);
  const auto choice = [&](std::uint64_t root, std::uint64_t month) {
    return rule.choice_for(std::vector<std::uint64_t>{100 + root, 200 + month, 99}, 1);
  };
  EXPECT_EQ(choice(5, 4).arm, 1) << "672 ms";
  EXPECT_LT(choice(5, 4).patience.count(), 10);
  const auto fast = choice(1, 1);  // 12 ms
  EXPECT_TRUE(fast.arm == kDefaultArm || fast.patience.count() >= 12) << fast.patience.count();
}

TEST(RuleLearnerTest, WithoutAForecastThereIsOneChoiceForAll) {
  const auto memory = two_literals(3);
  EXPECT_NE(learn(memory).cases_by, TemplateRule::CasesBy::kForecast);
}

TEST(RuleLearnerTest, OneChoiceForAllForecastsIsARuleWithoutCases) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 30; ++i) add(memory, {i % 5, i}, {100, 40, 120, 0});
  const auto rules = RuleLearner(RuleConfig{}).learn_all(memory);
  const auto& rule = rules.at(kTemplate);
  EXPECT_EQ(rule.cases_by, TemplateRule::CasesBy::kNothing);
  EXPECT_TRUE(rule.forecast.effects.empty());
  EXPECT_EQ(rule.rest.arm, 1);
}

}  // namespace
}  // namespace hintd::learning
