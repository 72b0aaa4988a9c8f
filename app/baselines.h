// What hinted runs are measured by must be known before there are any: a template of which traffic
// brought few runs under the default gets them from the log of earlier days, or in the sandbox.
#pragma once

#include <span>

#include "core/logged_run.h"
#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/policy_validator.h"
#include "safety/supervisor.h"

namespace hintd::app {

// Users' logged runs under the default, of statements whose literals the memory knows.
void recall_baselines(std::span<const LoggedRun> runs, const PlanMemory& memory,
                      safety::Supervisor& supervisor);

// Runs sampled statements of templates that get an arm at once (not hedged) under the default, as
// often as the supervisor needs to judge the arm. Statements that fail are left out. Fails where
// the server is away.
Status measure_baselines(const TemplateRules& rules, const learning::StatementSample& sample,
                         learning::Sandbox& sandbox, safety::Supervisor& supervisor);

}  // namespace hintd::app
