#include "safety/deadline.h"

#include <algorithm>

namespace hintd::safety {
namespace {

bool default_may_do_better(const Error& error) {
  return error.kind == ErrorKind::kQuery || error.kind == ErrorKind::kExhausted;
}

Result<DeadlineOutcome> run_arm(PlanExecutor& executor, std::string_view sql,
                                const HintSet& hint_set, Millis deadline) {
  const bool is_default = hint_set.settings.empty();
  const Stopwatch stopwatch;
  const auto first = executor.run(sql, hint_set, is_default ? Millis{0} : deadline);
  DeadlineOutcome outcome;
  if (first) {
    outcome = {first->latency, first->latency, first->timed_out, true, "", *first};
    if (is_default || !first->timed_out) return outcome;
  } else {
    if (is_default || !default_may_do_better(first.error()))
      return tl::make_unexpected(first.error());
    outcome.latency = outcome.arm_latency = stopwatch.elapsed();
    outcome.arm_error = first.error().text();
  }
  HINTD_TRY(outcome.execution, executor.run(sql, HintSet{}, Millis{0}));
  outcome.latency += outcome.execution.latency;
  return outcome;
}

}  // namespace

Millis deadline_for(const SafetyConfig& config, Millis default_latency) {
  return std::max(config.min_deadline, default_latency * config.deadline_multiple);
}

Result<DeadlineOutcome> run_with_deadline(PlanExecutor& executor, std::string_view sql,
                                          const HintSet& hint_set, const Decision& decision) {
  if (!decision.takes_over) return run_arm(executor, sql, hint_set, decision.deadline);
  HINTD_TRY(const auto plain, executor.run(sql, HintSet{}, decision.patience));
  if (!plain.timed_out)
    return DeadlineOutcome{plain.latency, plain.latency, false, false, "", plain};
  HINTD_TRY(auto outcome, run_arm(executor, sql, hint_set, decision.deadline));
  outcome.latency += plain.latency;
  outcome.arm_latency += plain.latency;
  return outcome;
}

}  // namespace hintd::safety
