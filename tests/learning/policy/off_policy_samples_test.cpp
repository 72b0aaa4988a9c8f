#include "learning/policy/policy_validator.h"

#include <gtest/gtest.h>

namespace hintd::learning {
namespace {

TEST(OffPolicySamplesTest, HedgedRunsSayNothingOfTheArmThatGaveTheRows) {
  PlanMemory memory;
  auto& statement = memory.statement(7, {1});
  statement.group_of_arm = {0, 1};
  statement.groups.resize(2);
  statement.groups[0].finished_ms = {100};
  LoggedRun run;
  run.fingerprint = 7;
  run.statement = PlanMemory::id_of(7, {1});
  run.latency_ms = 100;
  std::vector<LoggedRun> runs = {run, run};
  runs[1].reason = DecisionReason::kHedged;
  TemplateRules rules;
  rules[7].rest = {1, Millis(50)};
  const auto samples = off_policy_samples(runs, memory, MemoryPolicy(0, rules));
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_FALSE(samples[0].same_arm) << "no run is like a hedged one";
}

}  // namespace
}  // namespace hintd::learning
