// Runs a statement under an arm without letting the arm make it much slower, or fail.
#pragma once

#include <string>
#include <string_view>

#include "core/decision.h"
#include "core/plan_executor.h"
#include "safety/safety_config.h"

namespace hintd::safety {

// The deadline of a run under a hint, for a template of this default latency.
Millis deadline_for(const SafetyConfig& config, Millis default_latency);

struct DeadlineOutcome {
  Millis latency{0};       // as the user felt it: the arm's run, and the re-run where there was one
  Millis arm_latency{0};   // of the run under the arm, whole or until it was stopped
  bool timed_out = false;  // the arm's run passed the deadline (the default's: the executor's cap)
  bool arm_ran = true;     // false where the default ended within its patience
  std::string arm_error;   // why the run under the arm failed; empty when it did not
  Execution execution;     // the run that gave the rows
};

// Runs the statement as decided, on one connection: an arm that joins in beside the default takes
// two (safety/hedge.h). The default is run as it is, without deadline. Any other arm's run is
// stopped past the decision's deadline (0: none), and the statement is then run again under the
// default; so it is when the run under the arm failed in a way that the default may not (kQuery,
// kExhausted). Where the arm takes over, the default goes first and is ended past the patience
// (whole milliseconds, rounded up); arm_latency then counts from the start. Fails as the last run
// does.
Result<DeadlineOutcome> run_with_deadline(PlanExecutor& executor, std::string_view sql,
                                          const HintSet& hint_set, const Decision& decision);

}  // namespace hintd::safety
