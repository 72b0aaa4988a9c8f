#include "safety/guarded_executor.h"

#include <algorithm>

#include "core/log.h"

namespace hintd::safety {

GuardedExecutor::GuardedExecutor(PlanExecutor& inner, const SafetyConfig& config,
                                 const Clock& clock)
    : inner_(inner), config_(config), clock_(clock) {}

Status GuardedExecutor::check_statement(std::string_view sql) {
  HINTD_TRY(const auto parsed, statements_.get(sql));
  if (parsed.query_template->kind == StatementKind::kReadOnlySelect) return {};
  return fail(ErrorKind::kInvalidInput, "only one read-only SELECT at a time is run here",
              "leave out what writes or locks, and give one statement at a time");
}

Status GuardedExecutor::check_server() {
  if (failures_in_a_row_ < config_.max_consecutive_failures || clock_.now() >= paused_until_)
    return {};
  return fail(ErrorKind::kUnavailable,
              std::to_string(failures_in_a_row_) + " runs in a row failed, so the server is left " +
                  "alone for " + std::to_string(static_cast<int>(config_.failure_pause.count())) +
                  " ms",
              "look into the server's log");
}

Status GuardedExecutor::admit(std::string_view sql) {
  auto admitted = check_statement(sql);
  if (admitted) admitted = check_server();
  if (!admitted) ++counts_.refusals;
  return admitted;
}

Millis GuardedExecutor::capped(Millis timeout) const {
  return timeout > Millis::zero() ? std::min(timeout, config_.max_statement)
                                  : config_.max_statement;
}

template <class T>
Result<T> GuardedExecutor::watched(Result<T> result) {
  const bool fault = !result && result.error().kind != ErrorKind::kQuery &&
                     result.error().kind != ErrorKind::kCancelled;
  if (!fault) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= config_.max_consecutive_failures) {
    paused_until_ =
        clock_.now() + std::chrono::ceil<std::chrono::microseconds>(config_.failure_pause);
    log_warning("server_left_alone", {{"failures", failures_in_a_row_},
                                      {"pause_ms", config_.failure_pause.count()},
                                      {"reason", result.error().message}});
  }
  return result;
}

void GuardedExecutor::count_run(const Execution* execution) {
  ++counts_.runs;
  if (execution == nullptr)
    ++counts_.failures;
  else
    counts_.timeouts += execution->timed_out;
}

Result<Execution> GuardedExecutor::run(std::string_view sql, const HintSet& hint_set,
                                       Millis timeout) {
  HINTD_TRY_STATUS(admit(sql));
  auto execution = watched(inner_.run(sql, hint_set, capped(timeout)));
  count_run(execution ? &*execution : nullptr);
  return execution;
}

Result<Analysis> GuardedExecutor::analyze(std::string_view sql, const HintSet& hint_set,
                                          Millis timeout) {
  HINTD_TRY_STATUS(admit(sql));
  auto analysis = watched(inner_.analyze(sql, hint_set, capped(timeout)));
  count_run(analysis ? &analysis->execution : nullptr);
  return analysis;
}

Result<PlanTree> GuardedExecutor::explain(std::string_view sql, const HintSet& hint_set) {
  HINTD_TRY_STATUS(admit(sql));
  return watched(inner_.explain(sql, hint_set));
}

Result<DatabaseState> GuardedExecutor::database_state() {
  HINTD_TRY_STATUS(check_server());
  return watched(inner_.database_state());
}

}  // namespace hintd::safety
