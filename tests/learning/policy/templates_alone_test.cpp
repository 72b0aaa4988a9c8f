// A template is tried by itself before pairs of all templates decide.
#include "learning/policy/policy_learner.h"
#include "policy_validator_fixture.h"

namespace hintd::learning {
namespace {

TEST_F(PolicyValidatorTest, ATemplateThatIsSlowerByItselfIsWithdrawnAndPinned) {
  set_ratio(1, 0.5);
  sandbox_.ratio[{fingerprints_[2], 1}] = 2;
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->withdrawn, std::vector<std::uint64_t>{fingerprints_[2]});
  ASSERT_EQ(report->regressed.size(), 1U);
  EXPECT_EQ(report->regressed[0].fingerprint, fingerprints_[2]);
  EXPECT_EQ(report->regressed[0].arm, "one");
}

// Faster in the first pairs, which try it by itself, and slow from then on.
TEST_F(PolicyValidatorTest, ATemplateThatTurnsOutSlowerIsWithdrawnAndTheRestProvedAnew) {
  set_ratio(1, 0.2);
  sandbox_.slow_later = fingerprints_[2];
  sandbox_.later_factor = 10;
  const auto report = validate_to_save(0.7, arm_everywhere(1));
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->withdrawn, std::vector<std::uint64_t>{fingerprints_[2]});
  EXPECT_FALSE(std::binary_search(report->tried.begin(), report->tried.end(), fingerprints_[2]));
  ASSERT_EQ(report->regressed.size(), 1U);
  EXPECT_EQ(report->regressed[0].fingerprint, fingerprints_[2]);
}

TEST_F(PolicyValidatorTest, ATemplateThatTurnsOutHardlyFasterIsLeftOutAndTheRestProvedAnew) {
  set_ratio(1, 0.2);
  sandbox_.slow_later = fingerprints_[2];
  sandbox_.later_factor = 5;
  sandbox_.noise = 0.02;
  const auto report = validate_to_save(0.7, arm_everywhere(1));
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->too_little, std::vector<std::uint64_t>{fingerprints_[2]});
  EXPECT_FALSE(std::binary_search(report->tried.begin(), report->tried.end(), fingerprints_[2]));
  EXPECT_TRUE(report->withdrawn.empty());
  EXPECT_TRUE(report->regressed.empty());
}

TEST_F(PolicyValidatorTest, ATemplateThatSavesLittleInThreePairsGetsThreeMore) {
  sandbox_.noise = 0.01;
  const auto pairs_at = [&](double ratio) {
    set_ratio(1, ratio);
    return pairs_alone(arm_everywhere(1), fingerprints_[2]);
  };
  EXPECT_EQ(pairs_at(0.97), 6);
  EXPECT_LT(pairs_at(0.5), 3);
  EXPECT_EQ(pairs_at(1.3), 3) << "slower";
}

TEST_F(PolicyValidatorTest, ATemplateThatIsHardlyFasterByItselfGoesNoFurther) {
  set_ratio(1, 0.5);
  sandbox_.ratio[{fingerprints_[2], 1}] = 0.97;
  sandbox_.noise = 0.01;
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->too_little, std::vector<std::uint64_t>{fingerprints_[2]});
  EXPECT_EQ(report->tried.size(), 4U);
}

TEST_F(PolicyValidatorTest, OneWhoseOnlyTemplateTurnsOutSlowerDoesNotPass) {
  sandbox_.ratio[{fingerprints_[2], 1}] = 0.5;
  sandbox_.slow_later = fingerprints_[2];
  const auto report = validate(policy({{fingerprints_[2], 1}}), none_);
  EXPECT_FALSE(report->passed);
  EXPECT_TRUE(report->tried.empty());
  EXPECT_FALSE(report->why.empty());
}

TEST_F(PolicyValidatorTest, ACandidateOfWhichNothingIsFasterByItselfIsRejected) {
  set_ratio(1, 2);
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_FALSE(report->passed);
  EXPECT_EQ(report->stage, "templates");
  EXPECT_EQ(report->withdrawn.size(), 5U);
}

TEST_F(PolicyValidatorTest, AHedgedArmIsNotTriedOnStatementsThatEndBeforeIt) {
  TemplateRules rules;
  for (const auto fingerprint : fingerprints_) rules[fingerprint].rest = {1, Millis(150)};
  const auto report = validate(MemoryPolicy(0, rules), none_);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->passed);
  EXPECT_EQ(sandbox_.runs, 0) << "each takes 100 ms";
}

TEST_F(PolicyValidatorTest, OnePairSufficesBesideThoseOfTheExplorer) {
  explorer_paired(fingerprints_[0], 1, 0.5);
  set_ratio(1, 0.5);
  EXPECT_EQ(pairs_alone(arm_everywhere(1), fingerprints_[0]), 1);
  EXPECT_EQ(pairs_alone(arm_everywhere(1), fingerprints_[1]), 2);
}

TEST_F(PolicyValidatorTest, WhatTheExplorerSaysOfAPinnedTemplateCountsNoMore) {
  explorer_paired(fingerprints_[0], 1, 0.5);
  pins_.push_back({fingerprints_[0], 1, "two", "it took twice as long"});
  set_ratio(1, 0.5);
  EXPECT_EQ(pairs_alone(arm_everywhere(1), fingerprints_[0]), 2);
}

TEST_F(PolicyValidatorTest, AnExplorerThatLiesIsFoundOutByOnePair) {
  explorer_paired(fingerprints_[0], 1, 0.1);
  set_ratio(1, 0.5);
  sandbox_.ratio[{fingerprints_[0], 1}] = 3;
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->withdrawn, std::vector<std::uint64_t>{fingerprints_[0]});
}

TEST_F(PolicyValidatorTest, OfAHedgedArmOnePairSufficesWhereItWasMeasuredBesideTheDefault) {
  set_ratio(1, 0.5);
  TemplateRules rules;
  for (const auto fingerprint : fingerprints_) rules[fingerprint].rest = {1, Millis(20)};
  EXPECT_EQ(pairs_alone(MemoryPolicy(0, rules), fingerprints_[0]), 2);
  explorer_measured(fingerprints_[0], {1}, 1, 50);
  EXPECT_EQ(pairs_alone(MemoryPolicy(0, rules), fingerprints_[0]), 2);
  memory_.statement(fingerprints_[0], {1}).runs_of(1).slow_downs = {1.02};
  EXPECT_EQ(pairs_alone(MemoryPolicy(0, rules), fingerprints_[0]), 1);
}

TEST_F(PolicyValidatorTest, AnArmThatTakesTheDefaultsPlaceIsProvedAsOneAloneIs) {
  set_ratio(1, 0.5);
  TemplateRules rules;
  for (const auto fingerprint : fingerprints_)
    rules[fingerprint].rest = {1, Millis(20), Millis(20), true};
  EXPECT_EQ(pairs_alone(MemoryPolicy(0, rules), fingerprints_[0]), 2);
}

TEST_F(PolicyValidatorTest, NothingIsServedThatWasNotTried) {
  set_ratio(1, 0.5);
  TemplateRules rules;
  rules[fingerprints_[0]].rest.arm = 1;
  rules[fingerprints_[1]].rest = {1, Millis(150)};  // no sampled statement is so slow
  rules[999].rest.arm = 1;                          // not in the sample
  rules[998].rest.arm = kDefaultArm;
  TemplateRules deployed;
  deployed[999].rest.arm = 2;
  const auto report = validate(MemoryPolicy(0, rules), MemoryPolicy(0, deployed));
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->passed) << report->why;
  const auto proved = proved_part(rules, deployed, *report);
  EXPECT_EQ(proved.at(fingerprints_[0]).rest.arm, 1);
  EXPECT_FALSE(proved.at(fingerprints_[1]).steers());
  EXPECT_EQ(proved.at(999).rest.arm, 2);
  EXPECT_TRUE(proved.contains(998)) << "the default needs no proof";
}

}  // namespace
}  // namespace hintd::learning
