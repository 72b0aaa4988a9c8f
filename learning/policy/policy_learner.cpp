#include "learning/policy/policy_learner.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "core/statistics.h"
#include "learning/policy/policy_validator.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

constexpr std::size_t kFewestRuns = 8;
constexpr double kSamePatience = 1.5;  // longest over shortest

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

bool alike(const RunChoice& a, const RunChoice& b) {
  if (a.arm != b.arm || a.hedged() != b.hedged() || a.takes_over != b.takes_over) return false;
  return std::max(a.patience, b.patience) <= kSamePatience * std::min(a.patience, b.patience);
}

bool alike(const TemplateRule& a, const TemplateRule& b) {
  return alike(a.rest, b.rest) && a.cases_by == b.cases_by && a.literal == b.literal &&
         std::equal(a.cases.begin(), a.cases.end(), b.cases.begin(), b.cases.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && alike(x.second, y.second);
                    });
}

}  // namespace

TelemetryHalves split_telemetry(std::span<const LoggedRun> runs) {
  TelemetryHalves halves;
  for (const auto& run : runs)
    (run.statement % 2 == 0 ? halves.training : halves.held_out).push_back(run);
  return halves;
}

TemplateRules as_served(TemplateRules rules, Connections connections) {
  if (connections == Connections::kTwo) return rules;
  const auto serve = [](RunChoice& choice) {
    if (choice.hedged() && choice.switch_after == Millis::zero()) choice = {};
    if (!choice.hedged()) return;
    choice.patience = choice.switch_after;
    choice.takes_over = true;
  };
  for (auto& [fingerprint, rule] : rules) {
    const bool steered = rule.rest.arm != kDefaultArm;
    serve(rule.rest);
    for (auto& [key, choice] : rule.cases) serve(choice);
    if (steered && rule.rest.arm == kDefaultArm) rule.reason = DecisionReason::kNoWinner;
  }
  return rules;
}

TemplateRules learn_candidate(const RuleLearner& learner, const PlanMemory& memory,
                              const TemplateRules& deployed, std::span<const LoggedRun> training,
                              Connections connections) {
  auto rules = deployed;
  for (auto& [fingerprint, rule] : as_served(learner.learn_all(memory), connections)) {
    const auto before = rules.find(fingerprint);
    if (before == rules.end() || !alike(before->second, rule)) rules[fingerprint] = rule;
  }

  std::map<std::pair<std::uint64_t, ArmId>, std::vector<double>> latencies;
  for (const auto& run : training)
    if (run.kind == RunKind::kUser && !run.failed && !run.hedged())
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

void set_back(TemplateRules& rules, std::uint64_t fingerprint, const TemplateRules& deployed) {
  rules.erase(fingerprint);
  if (const auto kept = deployed.find(fingerprint); kept != deployed.end()) rules.insert(*kept);
}

TemplateRules proved_part(const TemplateRules& candidate, const TemplateRules& deployed,
                          const ValidationReport& report) {
  auto rules = candidate;
  for (const auto& [fingerprint, rule] : candidate) {
    const bool tried = std::binary_search(report.tried.begin(), report.tried.end(), fingerprint);
    if (rule.steers() && !tried) set_back(rules, fingerprint, deployed);
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
                 {"regressed_again", report.regressed_again},
                 {"pairs", report.pairs.size()},
                 {"tried", report.tried.size()},
                 {"withdrawn", report.withdrawn.size()},
                 {"saved", report.saved},
                 {"saved_lower", report.saved_lower},
                 {"over_deployed", report.over_deployed},
                 {"over_deployed_lower", report.over_deployed_lower},
                 {"spent_s", report.spent_s}};
  if (report.blamed) result["blamed"] = fingerprint_text(*report.blamed);
  return result.dump();
}

std::optional<std::uint64_t> blamed_by(const std::string& evidence) {
  const auto report = json::parse(evidence, nullptr, false);
  if (!report.is_object() || !report.contains("blamed")) return std::nullopt;
  return std::stoull(report["blamed"].get<std::string>(), nullptr, 16);
}

}  // namespace hintd::learning
