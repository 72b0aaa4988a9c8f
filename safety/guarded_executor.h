// The executor that everybody but the wiring sees: what it lets through cannot write, cannot run on
// for ever, and cannot hammer a server in trouble.
#pragma once

#include <cstdint>

#include "core/plan_executor.h"
#include "core/template_cache.h"
#include "safety/safety_config.h"

namespace hintd::safety {

struct GuardCounts {
  std::int64_t runs = 0;      // let through: run and analyze
  std::int64_t timeouts = 0;  // of those, stopped at their timeout
  std::int64_t failures = 0;  // of those, failed
  std::int64_t refusals = 0;  // not let through
};

// Decorates an executor, which must outlive it, as must the clock. Refuses with kInvalidInput
// whatever is not one read-only SELECT. No timeout is longer than max_statement, and none is
// endless. After max_consecutive_failures runs failed in a row by the server's fault (anything but
// kQuery and kCancelled), calls answer kUnavailable for failure_pause without asking the server.
class GuardedExecutor final : public PlanExecutor {
 public:
  GuardedExecutor(PlanExecutor& inner, const SafetyConfig& config, const Clock& clock);

  Result<Execution> run(std::string_view sql, const HintSet& hint_set, Millis timeout) override;
  Result<Analysis> analyze(std::string_view sql, const HintSet& hint_set, Millis timeout) override;
  Result<PlanTree> explain(std::string_view sql, const HintSet& hint_set) override;
  Result<DatabaseState> database_state() override;
  void cancel() noexcept override { inner_.cancel(); }
  void cancel_through(PlanExecutor& messenger) noexcept override {
    inner_.cancel_through(messenger);
  }
  bool cancel_backend(int backend) noexcept override { return inner_.cancel_backend(backend); }

  const GuardCounts& counts() const { return counts_; }

 private:
  Status check_statement(std::string_view sql);
  Status check_server();
  Status admit(std::string_view sql);
  Millis capped(Millis timeout) const;
  void count_run(const Execution* execution);  // null: it failed
  // Watches for failures in a row.
  template <class T>
  Result<T> watched(Result<T> result);

  PlanExecutor& inner_;
  SafetyConfig config_;
  const Clock& clock_;
  TemplateCache statements_;
  GuardCounts counts_;
  int failures_in_a_row_ = 0;
  TimePoint paused_until_{};
};

}  // namespace hintd::safety
