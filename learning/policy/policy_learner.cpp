#include "learning/policy/policy_learner.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/query_template.h"
#include "core/statistics.h"
#include "learning/policy/policy_validator.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

constexpr std::size_t kFewestRuns = 8;
constexpr double kSamePatience = 1.5;  // longest over shortest
constexpr double kHardlyMore = 0.02;   // of the default's time

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

bool nearly_same(const RunChoice& a, const RunChoice& b) {
  if (a.arm != b.arm || a.hedged() != b.hedged() || a.takes_over != b.takes_over) return false;
  return std::max(a.patience, b.patience) <= kSamePatience * std::min(a.patience, b.patience);
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
    if (before == rules.end()) {
      rules.emplace(fingerprint, rule);
      continue;
    }
    const auto& statements = memory.templates().at(fingerprint);
    const auto saved = [&](const TemplateRule& one) { return learner.saved(one, statements); };
    const double more = saved(rule) - saved(before->second);
    const bool better =
        !before->second.steers() || more > (rule.steers() ? kHardlyMore : -kHardlyMore);
    if (better && !alike(before->second, rule, nearly_same)) before->second = rule;
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
  auto& rule = rules[fingerprint];
  TemplateRule unproved;
  unproved.default_latency = rule.default_latency;
  const auto kept = deployed.find(fingerprint);
  rule = kept != deployed.end() ? kept->second : unproved;
}

TemplateRules proved_part(const TemplateRules& candidate, const TemplateRules& deployed,
                          const ValidationReport& report) {
  auto rules = candidate;
  for (const auto& [fingerprint, rule] : candidate) {
    const auto in = [&](const std::vector<std::uint64_t>& templates) {
      return std::find(templates.begin(), templates.end(), fingerprint) != templates.end();
    };
    const bool refuted = in(report.withdrawn) || in(report.too_little);
    if (refuted || (rule.steers() && !in(report.tried))) set_back(rules, fingerprint, deployed);
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

std::uint64_t choices_of(std::uint64_t fingerprint, const TemplateRule& rule) {
  const auto hash_of = [](const RunChoice& choice) {
    return hash_combine(hash_combine(choice.arm, choice.hedged()), choice.takes_over);
  };
  auto hash = hash_combine(hash_combine(fingerprint, hash_of(rule.rest)), rule.literal);
  const bool by_forecast = rule.cases_by == TemplateRule::CasesBy::kForecast;
  std::optional<std::uint64_t> last;
  for (const auto& [key, choice] : rule.cases) {
    // Where a forecast's limits lie changes with every measurement, and so do patiences.
    if (by_forecast && last == hash_of(choice)) continue;
    last = hash_of(choice);
    hash = hash_combine(hash_combine(hash, by_forecast ? 0 : key), *last);
  }
  return hash;
}

bool same_choices(const TemplateRules& a, const TemplateRules& b) {
  const auto steering = [](const TemplateRules& rules) {
    std::set<std::uint64_t> choices;
    for (const auto& [fingerprint, rule] : rules)
      if (rule.steers()) choices.insert(choices_of(fingerprint, rule));
    return choices;
  };
  return steering(a) == steering(b);
}

std::vector<std::uint64_t> judged(const TemplateRules& candidate, const TemplateRules& deployed,
                                  const ValidationReport& report) {
  std::vector<std::uint64_t> templates;
  if (report.blamed) {
    templates = {*report.blamed};
  } else if (report.stage == "off_policy") {
    for (const auto& [fingerprint, rule] : candidate) templates.push_back(fingerprint);
  } else {
    for (const auto* part : {&report.tried, &report.withdrawn, &report.too_little})
      templates.insert(templates.end(), part->begin(), part->end());
  }
  std::vector<std::uint64_t> choices;
  for (const auto fingerprint : templates) {
    const auto chosen = choices_of(fingerprint, candidate.at(fingerprint));
    const auto before = deployed.find(fingerprint);
    if (before == deployed.end() || choices_of(fingerprint, before->second) != chosen)
      choices.push_back(chosen);
  }
  std::sort(choices.begin(), choices.end());
  return choices;
}

void leave_out(TemplateRules& rules, const TemplateRules& deployed,
               std::span<const std::uint64_t> judged) {
  std::vector<std::uint64_t> found;
  for (const auto& [fingerprint, rule] : rules)
    if (std::find(judged.begin(), judged.end(), choices_of(fingerprint, rule)) != judged.end())
      found.push_back(fingerprint);
  for (const auto fingerprint : found) set_back(rules, fingerprint, deployed);
}

}  // namespace hintd::learning
