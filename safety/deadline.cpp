#include "safety/deadline.h"

#include <algorithm>

namespace hintd::safety {
namespace {

bool default_may_do_better(const Error& error) {
  return error.kind == ErrorKind::kQuery || error.kind == ErrorKind::kExhausted;
}

// Joins in when no statement still runs.
constexpr Millis kNever{1e12};
constexpr Millis kLeastBeforeJoining{5};

Result<DeadlineOutcome> run_default(PlanExecutor& executor, std::string_view sql) {
  HINTD_TRY(const auto plain, executor.run(sql, HintSet{}, kNoTimeout));
  return DeadlineOutcome{plain.latency, plain.latency, plain.timed_out, true, Millis{0}, "", plain};
}

Result<DeadlineOutcome> run_arm(Hedge& hedge, std::string_view sql, const HintSet& hint_set,
                                Millis deadline) {
  const Stopwatch stopwatch;
  const auto raced =
      hedge.run(sql, hint_set, HintSet{}, deadline > Millis::zero() ? deadline : kNever);
  DeadlineOutcome outcome;
  if (raced) {
    outcome.latency = outcome.arm_latency = raced->latency;
    outcome.lost = raced->lost;
    outcome.timed_out = raced->second_won || raced->execution.timed_out;
    outcome.execution = raced->execution;
    return outcome;
  }
  if (!default_may_do_better(raced.error())) return tl::make_unexpected(raced.error());
  outcome.latency = outcome.arm_latency = stopwatch.elapsed();
  outcome.arm_error = raced.error().text();
  HINTD_TRY(outcome.execution, hedge.first().run(sql, HintSet{}, kNoTimeout));
  outcome.latency += outcome.execution.latency;
  return outcome;
}

}  // namespace

Millis deadline_for(const SafetyConfig& config, Millis default_latency) {
  return std::max(config.min_deadline, default_latency * config.deadline_multiple);
}

Millis joins_after(const SafetyConfig& config, Millis default_latency) {
  return std::max(kLeastBeforeJoining, default_latency * config.deadline_multiple);
}

Result<DeadlineOutcome> run_with_deadline(Hedge& hedge, std::string_view sql,
                                          const HintSet& hint_set, const Decision& decision) {
  if (hint_set.settings.empty()) return run_default(hedge.first(), sql);
  if (!decision.takes_over) return run_arm(hedge, sql, hint_set, decision.deadline);
  HINTD_TRY(const auto plain, hedge.first().run(sql, HintSet{}, decision.patience));
  if (!plain.timed_out)
    return DeadlineOutcome{plain.latency, plain.latency, false, false, Millis{0}, "", plain};
  HINTD_TRY(auto outcome, run_arm(hedge, sql, hint_set, decision.deadline));
  outcome.latency += plain.latency;
  outcome.arm_latency += plain.latency;
  return outcome;
}

bool far_slower(const SafetyConfig& config, const DeadlineOutcome& outcome) {
  return outcome.timed_out &&
         outcome.arm_latency >= config.deadline_multiple * outcome.execution.latency;
}

}  // namespace hintd::safety
