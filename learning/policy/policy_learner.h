// Level 1: the candidate that would replace the deployed policy.
#pragma once

#include <span>
#include <string>

#include "core/logged_run.h"
#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/rule_learner.h"

namespace hintd::learning {

// Telemetry in two halves by statement: candidates are learned from one, judged on the other.
struct TelemetryHalves {
  std::vector<LoggedRun> training;
  std::vector<LoggedRun> held_out;
};
TelemetryHalves split_telemetry(std::span<const LoggedRun> runs);

// Starts from the deployed rules; a template that the memory knows takes its verified rule from
// there, and an arm that users ran in vain (eight runs or more, slower than the template's default
// by more than rules.max_regression, medians) gives way to the default.
TemplateRules learn_candidate(const RuleLearner& learner, const PlanMemory& memory,
                              const TemplateRules& deployed, std::span<const LoggedRun> training);

// What a candidate was proved by, as policies keep it; JSON.
struct ValidationReport;
std::string to_json(const ValidationReport& report);

}  // namespace hintd::learning
