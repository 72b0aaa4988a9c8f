#include "app/baselines.h"

#include <algorithm>
#include <vector>

namespace hintd::app {
namespace {

using learning::SampledStatement;

bool runs_alone(const RunChoice& choice) {
  return choice.arm != kDefaultArm && !choice.hedged();
}

bool may_run_alone(const TemplateRule& rule, const SampledStatement& statement) {
  if (rule.cases_by != TemplateRule::CasesBy::kPlan)
    return runs_alone(rule.choice_for(statement.parsed.literals, 0));
  return runs_alone(rule.rest) ||
         std::any_of(rule.cases.begin(), rule.cases.end(),
                     [](const auto& entry) { return runs_alone(entry.second); });
}

}  // namespace

void recall_baselines(std::span<const LoggedRun> runs, const PlanMemory& memory,
                      safety::Supervisor& supervisor) {
  for (const auto& run : runs) {
    if (run.kind != RunKind::kUser || run.arm != kDefaultArm || run.hedged() || run.failed)
      continue;
    const auto known = memory.templates().find(run.fingerprint);
    if (known == memory.templates().end()) continue;
    const auto statement = known->second.find(run.statement);
    if (statement == known->second.end()) continue;
    supervisor.ran_default(run.fingerprint, {statement->second.literals, run.arm_latency_ms});
  }
}

Status measure_baselines(const TemplateRules& rules, const learning::StatementSample& sample,
                         learning::Sandbox& sandbox, safety::Supervisor& supervisor) {
  for (const auto& [fingerprint, known] : sample.templates()) {
    const auto rule = rules.find(fingerprint);
    if (rule == rules.end()) continue;
    std::vector<const SampledStatement*> hinted;
    for (const auto& statement : known.statements)
      if (may_run_alone(rule->second, statement)) hinted.push_back(&statement);
    if (hinted.empty()) continue;
    for (auto i = supervisor.default_runs(fingerprint); i < safety::LatencyScale::kFewest; ++i) {
      const auto& statement = *hinted[i % hinted.size()];
      const auto run = sandbox.run(statement, Decision{});
      if (!run && run.error().kind == ErrorKind::kUnavailable)
        return tl::make_unexpected(run.error());
      if (!run) continue;
      supervisor.ran_default(fingerprint, {statement.parsed.literals, run->latency.count()});
    }
  }
  return {};
}

}  // namespace hintd::app
