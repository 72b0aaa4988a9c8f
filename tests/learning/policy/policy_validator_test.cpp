#include "learning/policy/policy_validator.h"

#include "policy_validator_fixture.h"

namespace hintd::learning {
namespace {

TEST_F(PolicyValidatorTest, AFasterCandidatePasses) {
  set_ratio(1, 0.5);
  const auto report = validate(arm_everywhere(1), none_);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_GE(report->saved_lower, 0.02);
  EXPECT_LT(report->pairs.size(), 60U);
}

// Every other pair runs the default first; what the explorer measured says when to stop it, too.
TEST_F(PolicyValidatorTest, TheDefaultIsStoppedWhereItSaysLittleMore) {
  set_ratio(1, 0.05);
  sandbox_.noise = 0.02;
  for (const auto fingerprint : fingerprints_)
    for (const auto& one : sample_.templates().at(fingerprint).statements)
      explorer_measured(fingerprint, one.parsed.literals, 1, 5);
  const auto report = validate(arm_everywhere(1), none_);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_LT(report->deciding, 20);
  for (auto i = report->first_deciding; i < report->pairs.size(); ++i) {
    EXPECT_LT(report->pairs[i].default_ms, 25) << "the whole takes 100";
    EXPECT_EQ(report->pairs[i].deployed_ms, report->pairs[i].default_ms);
    EXPECT_TRUE(report->pairs[i].same_rows);
  }
  EXPECT_LT(report->saved, 0.8) << "understated: it saves 95 %";
}

TEST_F(PolicyValidatorTest, ADefaultIsNotStoppedForAnArmThatIsHardlyFaster) {
  set_ratio(1, 0.5);
  sandbox_.noise = 0.02;
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_TRUE(report->passed) << report->why;
  for (const auto& pair : report->pairs) EXPECT_GT(pair.default_ms, 90);
}

TEST_F(PolicyValidatorTest, ACandidateThatIsNoFasterDoesNotPass) {
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_FALSE(report->passed);
}

TEST_F(PolicyValidatorTest, PairsThatShowNoSavingAreNotGoneOnWith) {
  set_ratio(1, 0.8);
  Level1Config config;
  config.min_improvement = 0.3;
  PolicyValidator validator(config, parts(), Rng(1));
  const auto report = validator.validate(arm_everywhere(1), none_);
  EXPECT_FALSE(report->passed);
  EXPECT_FALSE(report->undecided);
  EXPECT_LT(report->pairs.size(), 80U);
}

TEST_F(PolicyValidatorTest, AnUndecidedOneGoesOnWhereItStopped) {
  set_ratio(1, 0.5);
  const auto candidate = arm_everywhere(1);
  Level1Config config;
  config.max_pairs = 5;
  PolicyValidator validator(config, parts(), Rng(1));
  const auto begun = validator.validate(candidate, none_);
  ASSERT_FALSE(begun->passed);
  ASSERT_EQ(begun->bounds->over_deployed.count(), 5U);
  PolicyValidator next({}, parts(), Rng(2));
  const auto report = next.resume(*begun, candidate, none_);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->tried, begun->tried);
  EXPECT_EQ(static_cast<int>(report->bounds->over_deployed.count()), report->deciding);
  EXPECT_EQ(report->pairs.size() - begun->pairs.size(),
            report->bounds->over_deployed.count() - begun->bounds->over_deployed.count());
  EXPECT_LT(report->deciding, 25) << "the pairs before the break count";
}

TEST_F(PolicyValidatorTest, ASlowerCandidateIsStoppedEarly) {
  set_ratio(1, 2);
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_FALSE(report->passed);
  EXPECT_LT(sandbox_.runs, 60);
}

TEST_F(PolicyValidatorTest, ItMustBeFasterThanWhatItReplacesToo) {
  set_ratio(1, 0.5);
  set_ratio(2, 0.7);
  EXPECT_FALSE(validate(arm_everywhere(2), arm_everywhere(1))->passed);
  EXPECT_TRUE(validate(arm_everywhere(1), arm_everywhere(2))->passed);
}

TEST_F(PolicyValidatorTest, TakingBackAnArmThatHurtsIsAnImprovement) {
  set_ratio(1, 2);
  const auto report = validate(none_, arm_everywhere(1));
  EXPECT_TRUE(report->passed) << report->why;
}

TEST_F(PolicyValidatorTest, OtherRowsFailACandidate) {
  set_ratio(1, 0.5);
  sandbox_.wrong_rows = 1;
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_FALSE(report->passed);
  EXPECT_NE(report->why.find("other rows"), std::string::npos);
}

TEST_F(PolicyValidatorTest, APinnedStatementMayNotRegressAgain) {
  set_ratio(1, 0.5);
  sandbox_.ratio[{fingerprints_[0], 1}] = 1.5;
  const auto& statement = sample_.templates().at(fingerprints_[0]).statements.front();
  pins_.push_back({fingerprints_[0], PlanMemory::id_of(fingerprints_[0], statement.parsed.literals),
                   "one", "it took twice as long"});
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_TRUE(report->passed) << report->why;
  EXPECT_EQ(report->withdrawn, std::vector<std::uint64_t>{fingerprints_[0]});
  ASSERT_EQ(report->regressed_again.size(), 1U);
  EXPECT_NE(report->regressed_again[0].find("it took twice as long"), std::string::npos);
}

TEST_F(PolicyValidatorTest, TelemetryThatKnowsTheArmHurtsEndsItBeforeAnyRun) {
  Rng rng(2);
  for (const auto fingerprint : fingerprints_) {
    auto& statement = memory_.statement(fingerprint, {1});
    statement.group_of_arm = {0, 1, 2};
    statement.groups.resize(3);
    statement.groups[0].finished_ms = {100};
    for (int i = 0; i < 40; ++i) {
      LoggedRun run;
      run.fingerprint = fingerprint;
      run.statement = PlanMemory::id_of(fingerprint, {1});
      run.arm = i % 4 == 0 ? 1 : 0;
      run.propensity = run.arm == 1 ? 0.25 : 0.75;
      run.latency_ms = (run.arm == 1 ? 200 : 100) * std::exp(0.1 * rng.normal());
      held_out_.push_back(run);
    }
  }
  const auto report = validate(arm_everywhere(1), none_);
  EXPECT_FALSE(report->passed);
  EXPECT_EQ(report->stage, "off_policy");
  EXPECT_EQ(sandbox_.runs, 0);
}

TEST_F(PolicyValidatorTest, NothingNewIsNotTried) {
  const auto report = validate(arm_everywhere(1), arm_everywhere(1));
  EXPECT_FALSE(report->passed);
  EXPECT_EQ(sandbox_.runs, 0);
}

TEST_F(PolicyValidatorTest, AServerThatIsAwayIsAnErrorNotAVerdict) {
  sandbox_.away = true;
  EXPECT_EQ(validate(arm_everywhere(1), none_).error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace hintd::learning
