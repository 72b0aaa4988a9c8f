// An executor that answers what a test told it to, and remembers what it was asked.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/plan_executor.h"

namespace hintd::safety {

struct Asked {
  std::string sql;
  std::string hint_set;  // its name
  Millis timeout;
};

class ScriptedExecutor final : public PlanExecutor {
 public:
  // The next runs' results, in order; after them every run takes 1 ms.
  void then_run(Millis latency, bool timed_out = false) {
    script_.push_back(Execution{latency, timed_out, 1, 7});
  }
  void then_fail(ErrorKind kind) { script_.push_back(fail(kind, "scripted failure")); }

  Result<Execution> run(std::string_view sql, const HintSet& hint_set, Millis timeout) override {
    asked.push_back({std::string(sql), hint_set.name, timeout});
    return next();
  }
  Result<Analysis> analyze(std::string_view sql, const HintSet& hint_set, Millis timeout) override {
    HINTD_TRY(const auto execution, run(sql, hint_set, timeout));
    Analysis analysis;
    analysis.execution = execution;
    return analysis;
  }
  Result<PlanTree> explain(std::string_view sql, const HintSet& hint_set) override {
    HINTD_TRY_STATUS(run(sql, hint_set, Millis{0}));
    return PlanTree{};
  }
  Result<DatabaseState> database_state() override {
    HINTD_TRY_STATUS(next());
    return DatabaseState{};
  }

  std::vector<Asked> asked;

 private:
  Result<Execution> next() {
    if (script_.empty()) return Execution{Millis{1}, false, 1, 7};
    auto result = script_.front();
    script_.pop_front();
    return result;
  }

  std::deque<Result<Execution>> script_;
};

}  // namespace hintd::safety
