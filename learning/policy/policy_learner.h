// Level 1: the candidate that would replace the deployed policy.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

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

// Starts from the deployed rules; a template that the memory knows takes its rule from there,
// unless that differs from the deployed one by less than half in a patience alone, or what is known
// says that an arm would give way to another that saves hardly more (a fiftieth of the default's
// time), or to the default though it saves as much. An arm that users ran in vain (eight runs or
// more, slower than the template's default by more than rules.max_regression, medians) gives way to
// the default.
TemplateRules learn_candidate(const RuleLearner& learner, const PlanMemory& memory,
                              const TemplateRules& deployed, std::span<const LoggedRun> training,
                              Connections connections);

struct ValidationReport;

// A template's rule as it is deployed; where it has none, that no arm was proved faster.
void set_back(TemplateRules& rules, std::uint64_t fingerprint, const TemplateRules& deployed);

// The candidate as far as it was tried: a template that gets an arm without having been faster
// under it, or that was left out, keeps its deployed rule. Else to leave a statement to the default
// needs no proof.
TemplateRules proved_part(const TemplateRules& candidate, const TemplateRules& deployed,
                          const ValidationReport& report);

// What a candidate was proved by, as policies keep it; JSON.
std::string to_json(const ValidationReport& report);

// Equal for rules of one template that choose the same arms, whatever their patience.
std::uint64_t choices_of(std::uint64_t fingerprint, const TemplateRule& rule);
bool same_choices(const TemplateRules& a, const TemplateRules& b);

// The choices that stood or fell with a validation: of the templates that were tried, or of the one
// that ended it, or all where telemetry did.
std::vector<std::uint64_t> judged(const TemplateRules& candidate, const TemplateRules& deployed,
                                  const ValidationReport& report);

// Rules whose choices were judged before are as they are deployed.
void leave_out(TemplateRules& rules, const TemplateRules& deployed,
               std::span<const std::uint64_t> judged);

}  // namespace hintd::learning
