#include "learning/policy/policy_learner.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/statistics.h"
#include "learning/policy/policy_validator.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

constexpr std::size_t kFewestRuns = 8;

void withdraw(TemplateRule& rule, ArmId arm) {
  for (auto& [key, chosen] : rule.cases)
    if (chosen.arm == arm) chosen = {};
  if (rule.rest.arm != arm) return;
  rule.rest = {};
  rule.reason = DecisionReason::kNoWinner;
}

bool hedged(const TemplateRule& rule, ArmId arm) {
  return rule.rest.arm == arm && rule.rest.hedged();
}

}  // namespace

TelemetryHalves split_telemetry(std::span<const LoggedRun> runs) {
  TelemetryHalves halves;
  for (const auto& run : runs)
    (run.statement % 2 == 0 ? halves.training : halves.held_out).push_back(run);
  return halves;
}

TemplateRules learn_candidate(const RuleLearner& learner, const PlanMemory& memory,
                              const TemplateRules& deployed, std::span<const LoggedRun> training) {
  auto rules = deployed;
  for (auto& [fingerprint, rule] : learner.learn_all(memory)) rules[fingerprint] = rule;

  std::map<std::pair<std::uint64_t, ArmId>, std::vector<double>> latencies;
  for (const auto& run : training)
    if (run.kind == RunKind::kUser && !run.failed)
      latencies[{run.fingerprint, run.arm}].push_back(run.latency_ms);
  for (const auto& [key, hinted] : latencies) {
    const auto& [fingerprint, arm] = key;
    const auto rule = rules.find(fingerprint);
    const auto usual = latencies.find({fingerprint, kDefaultArm});
    if (arm == kDefaultArm || rule == rules.end() || usual == latencies.end()) continue;
    if (hinted.size() < kFewestRuns || usual->second.size() < kFewestRuns) continue;
    // A patient arm and a case meet other literals than the template's default did.
    if (hedged(rule->second, arm) || !rule->second.cases.empty()) continue;
    if (median(hinted) > (1 + learner.config().max_regression) * median(usual->second))
      withdraw(rule->second, arm);
  }
  return rules;
}

std::string to_json(const ValidationReport& report) {
  json result = {{"passed", report.passed},
                 {"stage", report.stage},
                 {"why", report.why},
                 {"off_policy",
                  {{"claimed", report.off_policy.claimed},
                   {"samples", report.off_policy.samples},
                   {"effective_runs", report.off_policy.effective_runs},
                   {"saved", report.off_policy.saved},
                   {"lower", report.off_policy.lower},
                   {"upper", report.off_policy.upper}}},
                 {"pins_checked", report.pins_checked},
                 {"pairs", report.pairs.size()},
                 {"withdrawn", report.withdrawn.size()},
                 {"saved", report.saved},
                 {"saved_lower", report.saved_lower},
                 {"over_deployed", report.over_deployed},
                 {"over_deployed_lower", report.over_deployed_lower},
                 {"spent_s", report.spent_s}};
  return result.dump();
}

}  // namespace hintd::learning
