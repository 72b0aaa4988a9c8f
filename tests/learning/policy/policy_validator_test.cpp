#include "learning/policy/policy_validator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/template_cache.h"
#include "learning/policy/policy_learner.h"

namespace hintd::learning {
namespace {

// A server whose latencies are what a test says, with noise.
class FakeSandbox final : public Sandbox {
 public:
  Result<Execution> run(const SampledStatement& statement, const Decision& decision) override {
    if (away) return fail(ErrorKind::kUnavailable, "away");
    const auto fingerprint = statement.parsed.query_template->fingerprint;
    Execution execution;
    execution.latency =
        Millis(100 * ratio[{fingerprint, decision.arm}] * std::exp(noise * rng.normal()));
    if (fingerprint == slow_later && decision.arm != kDefaultArm && ++hinted_runs > 2)
      execution.latency *= later_factor;
    execution.rows = decision.arm == wrong_rows ? 2 : 1;
    if (decision.arm == kDefaultArm && decision.deadline > Millis::zero() &&
        execution.latency > decision.deadline) {
      execution.latency = decision.deadline;
      execution.timed_out = true;
      execution.rows = 0;
    }
    took += execution.latency;
    ++runs;
    return execution;
  }
  Result<PlannedState> plan(const SampledStatement&) override { return PlannedState{}; }

  struct Ratios : std::map<std::pair<std::uint64_t, ArmId>, double> {
    double& operator[](const std::pair<std::uint64_t, ArmId>& key) {
      return try_emplace(key, 1.0).first->second;
    }
  };
  Ratios ratio;
  ArmId wrong_rows = 99;
  bool away = false;
  int runs = 0;
  Millis took{0};
  std::optional<std::uint64_t> slow_later;  // this template's third hinted run and those after it
  double later_factor = 5;
  double noise = 0.2;  // log
  int hinted_runs = 0;
  Rng rng{3};
};

class PolicyValidatorTest : public testing::Test {
 protected:
  PolicyValidatorTest() {
    TemplateCache templates;
    for (int t = 0; t < 5; ++t)
      for (int i = 0; i < 4; ++i) {
        const auto sql = "SELECT a" + std::to_string(t) + " FROM t WHERE b = " + std::to_string(i);
        const auto parsed = *templates.get(sql);
        if (i == 0) fingerprints_.push_back(parsed.query_template->fingerprint);
        sample_.offer(sql, parsed, 100);
      }
  }
  MemoryPolicy policy(const std::map<std::uint64_t, ArmId>& arms) {
    TemplateRules rules;
    for (const auto& [fingerprint, arm] : arms) {
      rules[fingerprint].rest.arm = arm;
    }
    return {0, std::move(rules)};
  }
  MemoryPolicy arm_everywhere(ArmId arm) {
    std::map<std::uint64_t, ArmId> arms;
    for (const auto fingerprint : fingerprints_) arms[fingerprint] = arm;
    return policy(arms);
  }
  void set_ratio(ArmId arm, double ratio) {
    for (const auto fingerprint : fingerprints_) sandbox_.ratio[{fingerprint, arm}] = ratio;
  }
  void explorer_paired(std::uint64_t fingerprint, ArmId arm, double ratio) {
    auto& statement = memory_.statement(fingerprint, {1});
    statement.group_of_arm = {0, 1, 2};
    statement.groups.resize(3);
    statement.runs_of(arm).paired_ratios = {ratio, ratio, ratio};
  }
  void explorer_measured(std::uint64_t fingerprint, const std::vector<std::uint64_t>& literals,
                         ArmId arm, double ms) {
    auto& statement = memory_.statement(fingerprint, literals);
    statement.group_of_arm = {0, 1, 2};
    statement.groups.resize(3);
    statement.runs_of(arm).finished_ms = {ms};
  }
  // Pairs of the template by itself, without those that decide.
  long pairs_alone(const Policy& candidate, std::uint64_t fingerprint) {
    Level1Config config;
    config.max_pairs = 0;
    PolicyValidator validator(config, parts(), Rng(1));
    const auto report = validator.validate(candidate, none_);
    EXPECT_TRUE(report);
    return std::count_if(report->pairs.begin(), report->pairs.end(),
                         [&](const PairResult& pair) { return pair.fingerprint == fingerprint; });
  }
  Result<ValidationReport> validate(const Policy& candidate, const Policy& deployed) {
    PolicyValidator validator({}, parts(), Rng(1));
    return validator.validate(candidate, deployed);
  }

  // More is asked of it than with one bad template it could save.
  Result<ValidationReport> validate_to_save(double part, const Policy& candidate) {
    Level1Config config;
    config.min_improvement = part;
    config.max_pairs = 400;
    PolicyValidator validator(config, parts(), Rng(1));
    return validator.validate(candidate, none_);
  }

  ValidationParts parts() { return {catalogue_, memory_, sample_, held_out_, pins_, sandbox_}; }

  HintCatalogue catalogue_ = *HintCatalogue::create({{"default", "", {}},
                                                     {"one", "", {{"enable_nestloop", "off"}}},
                                                     {"two", "", {{"enable_hashjoin", "off"}}}});
  std::vector<std::uint64_t> fingerprints_;
  PlanMemory memory_;
  StatementSample sample_{16, Rng(1)};
  std::vector<LoggedRun> held_out_;
  std::vector<PinnedQuery> pins_;
  FakeSandbox sandbox_;
  MemoryPolicy none_{0, {}};
};

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
