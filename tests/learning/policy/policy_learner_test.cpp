#include "learning/policy/policy_learner.h"

#include <gtest/gtest.h>

#include <map>

#include "learning/policy/policy_validator.h"

namespace hintd::learning {
namespace {

TemplateRules arms(const std::map<std::uint64_t, ArmId>& wanted) {
  TemplateRules rules;
  for (const auto& [fingerprint, arm] : wanted) rules[fingerprint].rest.arm = arm;
  return rules;
}

// Four statements of template 7 that take 100 ms, and so long under each arm.
PlanMemory memory_of(std::vector<double> arm_ms) {
  PlanMemory memory;
  for (std::uint64_t i = 0; i < 4; ++i) {
    auto& statement = memory.statement(7, {i});
    statement.groups.resize(arm_ms.size() + 1);
    for (std::uint16_t arm = 0; arm <= arm_ms.size(); ++arm) {
      statement.group_of_arm.push_back(arm);
      statement.groups[arm].finished_ms = {arm == 0 ? 100 : arm_ms[arm - 1]};
    }
  }
  return memory;
}

TEST(PolicyLearnerTest, AnArmGivesWayToAnotherOnlyWhereThatSavesMore) {
  const RuleLearner learner(RuleConfig{});
  const auto candidate_from = [&](const std::vector<double>& arm_ms,
                                  const TemplateRules& deployed) {
    return learn_candidate(learner, memory_of(arm_ms), deployed, {}, Connections::kTwo);
  };
  const auto deployed = candidate_from({40, 60}, {});
  ASSERT_EQ(deployed.at(7).rest.arm, 1);
  EXPECT_EQ(candidate_from({40, 39.5}, deployed).at(7).rest.arm, 1) << "hardly more";
  EXPECT_EQ(candidate_from({40, 20}, deployed).at(7).rest.arm, 2);
  EXPECT_EQ(candidate_from({140, 150}, deployed).at(7).rest.arm, kDefaultArm);
}

TEST(PolicyLearnerTest, WhatWasLeftOutKeepsItsDeployedRule) {
  const auto deployed = arms({{1, 1}, {2, 1}});
  auto candidate = arms({{1, kDefaultArm}, {2, 2}, {3, 1}, {4, 1}});
  ValidationReport report;
  report.too_little = {1, 3};
  report.withdrawn = {2};
  report.tried = {4};
  candidate[3].default_latency = Millis(30);
  const auto proved = proved_part(candidate, deployed, report);
  EXPECT_TRUE(same_choices(proved, arms({{1, 1}, {2, 1}, {4, 1}})));
  EXPECT_EQ(proved.at(3).reason, DecisionReason::kNoWinner) << "it was measured";
  EXPECT_EQ(proved.at(3).default_latency, Millis(30)) << "deadlines are measured by it";
}

TEST(PolicyLearnerTest, OnOneConnectionAnArmBeginsWhereTheDefaultIsEndedForItOrNever) {
  TemplateRules rules;
  rules[7].rest = {1, Millis(2), Millis(40)};
  rules[8].rest = {1, Millis(2)};
  rules[9].rest = {1};
  rules[9].cases = {{5, {2, Millis(3)}}};
  const auto served = as_served(rules, Connections::kOne);
  EXPECT_EQ(served.at(7).rest, (RunChoice{1, Millis(40), Millis(40), true}));
  EXPECT_EQ(served.at(8).rest, RunChoice{});
  EXPECT_EQ(served.at(9).rest, RunChoice{1});
  EXPECT_EQ(served.at(9).cases.front().second, RunChoice{});
  EXPECT_EQ(as_served(rules, Connections::kTwo).at(7).rest, rules.at(7).rest);
}

TEST(PolicyLearnerTest, WhatWasInThePairsIsJudgedAndLeftOutOnceItIsRejected) {
  const auto deployed = arms({{1, 1}, {4, 1}});
  const auto candidate = arms({{1, 2}, {2, 1}, {3, 1}, {4, 1}});
  ValidationReport report;
  report.stage = "pairs";
  report.tried = {1, 2, 4};
  const auto refuted = judged(candidate, deployed, report);
  EXPECT_EQ(refuted.size(), 2U) << "4 is as it was";
  auto next = arms({{1, 2}, {2, 2}, {3, 1}, {4, 1}});
  leave_out(next, deployed, refuted);
  EXPECT_TRUE(same_choices(next, arms({{1, 1}, {2, 2}, {3, 1}, {4, 1}})));
}

TEST(PolicyLearnerTest, WhereAForecastsLimitsLieIsNoOtherChoice) {
  TemplateRule rule;
  rule.cases_by = TemplateRule::CasesBy::kForecast;
  rule.cases = {{1000, {}}, {5000, {1, Millis(4)}}, {9000, {1, Millis(2)}}};
  auto moved = rule;
  moved.cases = {{1400, {}}, {7000, {1, Millis(3)}}};
  EXPECT_EQ(choices_of(7, moved), choices_of(7, rule));
  moved.cases[1].second.arm = 2;
  EXPECT_NE(choices_of(7, moved), choices_of(7, rule));
  moved.cases = {{1400, {1, Millis(3)}}, {7000, {}}};
  EXPECT_NE(choices_of(7, moved), choices_of(7, rule));
}

TEST(PolicyLearnerTest, WhatEndedAValidationIsJudged) {
  const auto candidate = arms({{1, 2}, {2, 1}});
  ValidationReport report;
  report.stage = "templates";
  report.withdrawn = {2};
  EXPECT_EQ(judged(candidate, {}, report), std::vector{choices_of(2, candidate.at(2))});
  report.stage = "pairs";
  report.too_little = {1};
  EXPECT_EQ(judged(candidate, {}, report).size(), 2U);
  report.blamed = 1;
  EXPECT_EQ(judged(candidate, {}, report), std::vector{choices_of(1, candidate.at(1))});
  report = {};
  report.stage = "off_policy";
  EXPECT_EQ(judged(candidate, {}, report).size(), 2U);
}

TEST(PolicyLearnerTest, AnArmThatUsersRanInVainGivesWayToTheDefault) {
  TemplateRules deployed;
  deployed[7].rest.arm = 1;
  deployed[8].rest.arm = 1;
  std::vector<LoggedRun> runs;
  for (const std::uint64_t fingerprint : {7, 8})
    for (int i = 0; i < 20; ++i) {
      LoggedRun run;
      run.fingerprint = fingerprint;
      run.arm = i % 2 == 0 ? 1 : 0;
      run.latency_ms = run.arm == 1 && fingerprint == 7 ? 150 : 100;
      runs.push_back(run);
    }
  const auto rules =
      learn_candidate(RuleLearner({}), PlanMemory{}, deployed, runs, Connections::kTwo);
  EXPECT_EQ(rules.at(7).rest.arm, kDefaultArm);
  EXPECT_EQ(rules.at(8).rest.arm, 1);
}

}  // namespace
}  // namespace hintd::learning
