// What the tests of the policy validator share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/template_cache.h"
#include "learning/policy/policy_validator.h"

namespace hintd::learning {

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

}  // namespace hintd::learning
