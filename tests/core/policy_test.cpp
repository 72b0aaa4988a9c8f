#include "core/policy.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hintd {
namespace {

constexpr std::uint64_t kRuled = 7;
constexpr std::uint32_t kVersion = 3;
using CasesBy = TemplateRule::CasesBy;

// Advises one arm for every template, and only where the first feature is 1.
class OneArmAdvisor final : public UnseenAdvisor {
 public:
  explicit OneArmAdvisor(ArmId arm) : arm_(arm) {}
  ArmId advise(const FeatureVector& features) const noexcept override {
    return features[0] == 1.0F ? arm_ : kDefaultArm;
  }

 private:
  ArmId arm_;
};

PlannedState with_first_feature(float value) {
  PlannedState planned;
  planned.features[0] = value;
  return planned;
}

TemplateRule rule_with_cases(CasesBy by, std::vector<std::pair<std::uint64_t, RunChoice>> cases) {
  TemplateRule rule;
  rule.rest.arm = 1;
  rule.cases_by = by;
  rule.cases = std::move(cases);
  return rule;
}

Decision choose(const TemplateRule& rule, std::vector<std::uint64_t> literals,
                const PlannedState* planned = nullptr) {
  return MemoryPolicy(kVersion, {{kRuled, rule}}).choose({kRuled, literals, planned});
}

TEST(MemoryPolicyTest, AnUnknownTemplateRunsUnderTheDefault) {
  const MemoryPolicy policy(kVersion, {});
  const auto decision = policy.choose({kRuled, {}, nullptr});
  EXPECT_EQ(decision.arm, kDefaultArm);
  EXPECT_EQ(decision.reason, DecisionReason::kUnknownTemplate);
}

TEST(MemoryPolicyTest, EveryDecisionNamesThePolicyVersion) {
  const MemoryPolicy policy(kVersion, {{kRuled, rule_with_cases(CasesBy::kNothing, {})}});
  EXPECT_EQ(policy.choose({kRuled, {}, nullptr}).policy_version, kVersion);
  EXPECT_EQ(policy.choose({kRuled + 1, {}, nullptr}).policy_version, kVersion);
}

TEST(MemoryPolicyTest, ARuleWithoutCasesAnswersItsArmAndReason) {
  const auto decision = choose(rule_with_cases(CasesBy::kNothing, {}), {1, 2});
  EXPECT_EQ(decision.arm, 1);
  EXPECT_EQ(decision.reason, DecisionReason::kVerified);
}

TEST(MemoryPolicyTest, AChoiceWithPatienceIsHedged) {
  auto rule = rule_with_cases(CasesBy::kLiteral, {{50, RunChoice{2, Millis(5)}}});
  rule.rest.patience = Millis(30);
  EXPECT_EQ(choose(rule, {60}).patience, Millis(30));
  EXPECT_EQ(choose(rule, {60}).reason, DecisionReason::kHedged);
  EXPECT_EQ(choose(rule, {50}).arm, 2);
  EXPECT_EQ(choose(rule, {50}).patience, Millis(5));
  EXPECT_FALSE(choose(rule, {50}).takes_over);
  rule.rest.takes_over = true;
  EXPECT_TRUE(choose(rule, {60}).takes_over);
  EXPECT_EQ(choose(rule, {50}).reason, DecisionReason::kHedged);
}

TEST(MemoryPolicyTest, ARuleThatKeepsTheDefaultSaysWhy) {
  TemplateRule rule;
  rule.reason = DecisionReason::kTooFast;
  EXPECT_EQ(choose(rule, {}).arm, kDefaultArm);
  EXPECT_EQ(choose(rule, {}).reason, DecisionReason::kTooFast);
}

TEST(MemoryPolicyTest, TheLiteralAtTheRulesPositionPicksTheCase) {
  auto rule = rule_with_cases(CasesBy::kLiteral,
                              {{50, RunChoice{2, Millis(0)}}, {60, RunChoice{3, Millis(0)}}});
  rule.literal = 1;
  EXPECT_EQ(choose(rule, {60, 50}).arm, 2);
  EXPECT_EQ(choose(rule, {50, 60}).arm, 3);
  EXPECT_EQ(choose(rule, {50, 60}).reason, DecisionReason::kVerifiedLiteral);
}

TEST(MemoryPolicyTest, ALiteralWithoutACaseGetsTheRulesOwnArm) {
  const auto decision = choose(rule_with_cases(CasesBy::kLiteral, {{50, RunChoice{2, Millis(0)}},
                                                                   {60, RunChoice{3, Millis(0)}}}),
                               {55});
  EXPECT_EQ(decision.arm, 1);
  EXPECT_EQ(decision.reason, DecisionReason::kVerified);
}

TEST(MemoryPolicyTest, ALiteralPositionBeyondTheStatementGetsTheRulesOwnArm) {
  auto rule = rule_with_cases(CasesBy::kLiteral, {{50, RunChoice{2, Millis(0)}}});
  rule.literal = 2;
  EXPECT_EQ(choose(rule, {50, 50}).arm, 1);
  EXPECT_EQ(choose(rule, {}).arm, 1);
}

TEST(MemoryPolicyTest, CasesNeedNotComeSorted) {
  const auto rule = rule_with_cases(CasesBy::kLiteral, {{60, RunChoice{3, Millis(0)}},
                                                        {50, RunChoice{2, Millis(0)}},
                                                        {70, RunChoice{4, Millis(0)}},
                                                        {10, RunChoice{5, Millis(0)}}});
  EXPECT_EQ(choose(rule, {10}).arm, 5);
  EXPECT_EQ(choose(rule, {50}).arm, 2);
  EXPECT_EQ(choose(rule, {60}).arm, 3);
  EXPECT_EQ(choose(rule, {70}).arm, 4);
}

TEST(MemoryPolicyTest, ACaseMayKeepTheDefault) {
  const auto decision =
      choose(rule_with_cases(CasesBy::kLiteral, {{50, RunChoice{kDefaultArm, Millis(0)}}}), {50});
  EXPECT_EQ(decision.arm, kDefaultArm);
}

TEST(MemoryPolicyTest, TheForecastPicksTheCase) {
  auto rule = rule_with_cases(
      CasesBy::kForecast, {{1000, {}}, {8000, RunChoice{2, Millis(4)}}, {90'000, {3, Millis(1)}}});
  rule.forecast = {std::log(5.0), {{0, 50, std::log(4.0)}, {0, 51, -9}, {1, 50, std::log(10.0)}}};
  EXPECT_EQ(choose(rule, {7, 7}).arm, kDefaultArm) << "5 ms: no value is known";
  EXPECT_EQ(choose(rule, {}).arm, kDefaultArm);
  EXPECT_EQ(choose(rule, {50, 7}).arm, 2) << "20 ms";
  EXPECT_EQ(choose(rule, {7, 50, 50}).arm, 2) << "50 ms";
  EXPECT_EQ(choose(rule, {50, 50}).arm, 3) << "200 ms";
  EXPECT_EQ(choose(rule, {50, 50}).reason, DecisionReason::kHedged);
  EXPECT_EQ(choose(rule, {51, 7}).arm, kDefaultArm) << "below the first case it holds, too";
}

TEST(TemplateRuleTest, ForecastsAreAlikeWhereverTheirLimitsLie) {
  const auto same = [](const RunChoice& a, const RunChoice& b) { return a == b; };
  const auto rule = [](CasesBy by, std::uint64_t limit, ArmId arm) {
    return rule_with_cases(by, {{1000, {}}, {limit, RunChoice{arm, Millis(4)}}});
  };
  const auto first = rule(CasesBy::kForecast, 8000, 2);
  EXPECT_TRUE(alike(first, rule(CasesBy::kForecast, 9000, 2), same));
  EXPECT_FALSE(alike(first, rule(CasesBy::kForecast, 8000, 3), same));
  EXPECT_FALSE(alike(rule(CasesBy::kPlan, 8000, 2), rule(CasesBy::kPlan, 9000, 2), same));
}

TEST(MemoryPolicyTest, PlanCasesAskForThePlanFirst) {
  const auto decision = choose(rule_with_cases(CasesBy::kPlan, {{9, RunChoice{2, Millis(0)}}}), {});
  EXPECT_EQ(decision.arm, kDefaultArm);
  EXPECT_EQ(decision.reason, DecisionReason::kNeedsPlan);
}

TEST(MemoryPolicyTest, ThePlanShapePicksTheCase) {
  const auto rule = rule_with_cases(CasesBy::kPlan, {{9, RunChoice{2, Millis(0)}}});
  const PlannedState known{9, {}};
  const PlannedState other{10, {}};
  EXPECT_EQ(choose(rule, {}, &known).arm, 2);
  EXPECT_EQ(choose(rule, {}, &known).reason, DecisionReason::kVerifiedPlan);
  EXPECT_EQ(choose(rule, {}, &other).arm, 1);
  EXPECT_EQ(choose(rule, {}, &other).reason, DecisionReason::kVerified);
}

TEST(MemoryPolicyTest, AnAdvisorIsAskedOnlyWithThePlan) {
  const MemoryPolicy policy(kVersion, {}, std::make_shared<OneArmAdvisor>(4));
  const auto first = policy.choose({kRuled, {}, nullptr});
  EXPECT_EQ(first.arm, kDefaultArm);
  EXPECT_EQ(first.reason, DecisionReason::kNeedsPlan);
  const auto planned = with_first_feature(1);
  const auto second = policy.choose({kRuled, {}, &planned});
  EXPECT_EQ(second.arm, 4);
  EXPECT_EQ(second.reason, DecisionReason::kExtended);
}

TEST(MemoryPolicyTest, AnAdvisorThatAbstainsLeavesTheTemplateUnknown) {
  const MemoryPolicy policy(kVersion, {}, std::make_shared<OneArmAdvisor>(4));
  const auto planned = with_first_feature(0);
  const auto decision = policy.choose({kRuled, {}, &planned});
  EXPECT_EQ(decision.arm, kDefaultArm);
  EXPECT_EQ(decision.reason, DecisionReason::kUnknownTemplate);
}

TEST(MemoryPolicyTest, AMeasuredTemplateNeverGoesToTheAdvisor) {
  TemplateRule no_winner;
  const MemoryPolicy policy(kVersion, {{kRuled, no_winner}}, std::make_shared<OneArmAdvisor>(4));
  const auto planned = with_first_feature(1);
  EXPECT_EQ(policy.choose({kRuled, {}, nullptr}).reason, DecisionReason::kNoWinner);
  EXPECT_EQ(policy.choose({kRuled, {}, &planned}).arm, kDefaultArm);
}

}  // namespace
}  // namespace hintd
