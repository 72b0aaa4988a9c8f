// Runs a statement under an arm without letting the arm make it much slower, or fail.
#pragma once

#include <string>
#include <string_view>

#include "core/decision.h"
#include "core/plan_executor.h"
#include "safety/hedge.h"
#include "safety/safety_config.h"

namespace hintd::safety {

// The deadline of a run under a hint, for a template of this default latency.
Millis deadline_for(const SafetyConfig& config, Millis default_latency);
// The same where a second connection lets the default join in: sooner, for then little is lost.
Millis joins_after(const SafetyConfig& config, Millis default_latency);

struct DeadlineOutcome {
  Millis latency{0};       // as the user felt it: the arm's run, and the re-run where there was one
  Millis arm_latency{0};   // of the run under the arm, whole or until it was stopped
  bool timed_out = false;  // the arm's run passed the deadline, and the default gave the rows
  bool arm_ran = true;     // false where the default ended within its patience
  Millis lost{0};          // server time of a run that went on beside the one that gave the rows
  std::string arm_error;   // why the run under the arm failed; empty when it did not
  Execution execution;     // the run that gave the rows
};

// Runs the statement as decided, but for an arm that joins in, which is the hedge's own. The
// default is run as it is, without deadline. Past the decision's deadline (0: none) the default
// joins in beside the arm, and the first to end gives the rows; where the arm's run failed in a way
// that the default may not (kQuery, kExhausted) the statement is run again under the default. Where
// the arm takes over, the default goes first and is ended past the patience (whole milliseconds,
// rounded up); arm_latency then counts from the start. Fails as the last run does.
Result<DeadlineOutcome> run_with_deadline(Hedge& hedge, std::string_view sql,
                                          const HintSet& hint_set, const Decision& decision);

// Did the run under the arm take `deadline_multiple` times what the default then needed?
bool far_slower(const SafetyConfig& config, const DeadlineOutcome& outcome);

}  // namespace hintd::safety
