#include <gtest/gtest.h>

#include "app/proposals.h"

namespace hintd::app {
namespace {

constexpr std::uint64_t kGoverned = 7;

// One statement that takes 100 ms under the default and 300 ms under arm 1 alone, which slows the
// default beside it by a tenth.
class GovernanceDeskTest : public testing::Test {
 protected:
  GovernanceDeskTest() {
    spec_.max_risk = 0.25;
    auto& statement = memory_.statement(kGoverned, {1});
    statement.group_of_arm = {0, 1};
    statement.groups.resize(2);
    statement.groups[0].finished_ms = {100};
    statement.groups[1].paired_ratios = {3};
    statement.groups[1].slow_downs = {1.1, 1.1, 1.1, 1.1};
  }
  bool allowed(const RunChoice& choice) const {
    TemplateRule rule;
    rule.rest = choice;
    return rule_allowed(rule);
  }
  bool rule_allowed(const TemplateRule& rule) const {
    const GovernanceDesk desk(spec_, catalogue_, memory_, {}, "");
    return desk.check(kGoverned, rule, rule.rest).allowed;
  }

  safety::PolicySpec spec_;
  HintCatalogue catalogue_ =
      *HintCatalogue::create({{"default", "", {}}, {"one", "", {{"enable_nestloop", "off"}}}});
  PlanMemory memory_;
};

TEST_F(GovernanceDeskTest, AnArmAloneMayNotBeSlowerThanTheFileAllows) {
  EXPECT_FALSE(allowed({1}));
}

TEST_F(GovernanceDeskTest, OneThatTakesTheDefaultsPlaceNeitherButForWhatEndsBefore) {
  EXPECT_FALSE(allowed({1, Millis(10), {}, true}));
  EXPECT_TRUE(allowed({1, Millis(150), {}, true})) << "every statement known ends before";
}

TEST_F(GovernanceDeskTest, BesideAnArmThatJoinsInTheDefaultGoesOn) {
  EXPECT_TRUE(allowed({1, Millis(10)}));
  spec_.max_risk = 0.05;
  EXPECT_FALSE(allowed({1, Millis(10)})) << "slowed by a tenth";
  memory_.statement(kGoverned, {1}).groups[1].paired_ratios = {0.1};
  EXPECT_TRUE(allowed({1, Millis(10)})) << "but the arm is there first";
}

TEST_F(GovernanceDeskTest, OneMeasurementBesideTheArmOfManyIsNoRisk) {
  memory_.statement(kGoverned, {1}).groups[1].slow_downs = {1.5};
  EXPECT_TRUE(allowed({1, Millis(10)})) << "one is mostly noise";
  memory_.statement(kGoverned, {1}).groups[1].slow_downs = {1.5, 1.6, 1.5};
  EXPECT_FALSE(allowed({1, Millis(10)}));
  auto& other = memory_.statement(kGoverned, {2});
  other.group_of_arm = {0, 1};
  other.groups.resize(2);
  other.groups[0].finished_ms = {100};
  other.groups[1].slow_downs = {1.02, 0.98, 0.97, 1.03};
  EXPECT_TRUE(allowed({1, Millis(10)}));
}

TEST_F(GovernanceDeskTest, AnArmThatWasStoppedSlowsTheDefaultAsLongAsItRan) {
  auto& arm = memory_.statement(kGoverned, {1}).groups[1];
  arm.paired_ratios.clear();
  arm.slow_downs = {1.6, 1.6, 1.6, 1.6, 1.6, 1.6};
  arm.longer_than_ms = 40;
  EXPECT_TRUE(allowed({1, Millis(10)})) << "by a fifth";
  arm.longer_than_ms = 80;
  EXPECT_FALSE(allowed({1, Millis(10)})) << "by two fifths";
}

TEST_F(GovernanceDeskTest, WhatWasMeasuredCountsWhereTheRuleMakesTheChoice) {
  TemplateRule rule;
  rule.rest = {1};
  rule.cases_by = TemplateRule::CasesBy::kLiteral;
  EXPECT_FALSE(rule_allowed(rule));
  rule.cases = {{1, RunChoice{}}};
  EXPECT_TRUE(rule_allowed(rule)) << "the statement keeps the default";
}

}  // namespace
}  // namespace hintd::app
