// Level 1: the candidate that would replace the deployed policy.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/logged_run.h"
#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/level1_config.h"
#include "learning/policy/rule_learner.h"

namespace hintd::learning {

// Telemetry in two halves by statement: candidates are learned from one, judged on the other.
struct TelemetryHalves {
  std::vector<LoggedRun> training;
  std::vector<LoggedRun> held_out;
};
TelemetryHalves split_telemetry(std::span<const LoggedRun> runs);

// The rules as they are on that many connections: on one the arm begins where the default is ended
// for it (RunChoice::switch_after), which then is the patience, or never.
TemplateRules as_served(TemplateRules rules, Connections connections);

// Starts from the deployed rules; a template that the memory knows takes its verified rule from
// there, unless that differs from the deployed one by less than half in a patience alone. An arm
// that users ran in vain (eight runs or more, slower than the template's default by more than
// rules.max_regression, medians) gives way to the default.
TemplateRules learn_candidate(const RuleLearner& learner, const PlanMemory& memory,
                              const TemplateRules& deployed, std::span<const LoggedRun> training,
                              Connections connections);

struct ValidationReport;

// A template's rule as it is deployed, or none where it has none.
void set_back(TemplateRules& rules, std::uint64_t fingerprint, const TemplateRules& deployed);

// The candidate as far as it was tried: a template that gets an arm without having been faster
// under it keeps its deployed rule. To leave a statement to the default needs no proof.
TemplateRules proved_part(const TemplateRules& candidate, const TemplateRules& deployed,
                          const ValidationReport& report);

// What a candidate was proved by, as policies keep it; JSON.
std::string to_json(const ValidationReport& report);
// The template that ended the validation, as to_json wrote it.
std::optional<std::uint64_t> blamed_by(const std::string& evidence);

}  // namespace hintd::learning
