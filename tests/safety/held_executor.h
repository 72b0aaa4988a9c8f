// A connection whose runs go on until the test ends them, or somebody cancels them.
#pragma once

#include <atomic>
#include <future>
#include <string>

#include "core/plan_executor.h"

namespace hintd::safety {

class HeldExecutor final : public PlanExecutor {
 public:
  Result<Execution> run(std::string_view, const HintSet& hint_set, Millis) override {
    hint_sets += hint_set.name + ";";
    ++started;
    started.notify_all();
    auto result = outcome.get_future().get();
    outcome = {};
    return result;
  }
  Result<Analysis> analyze(std::string_view, const HintSet&, Millis) override {
    return fail(ErrorKind::kQuery, "not analysed here");
  }
  Result<PlanTree> explain(std::string_view, const HintSet&) override { return PlanTree{}; }
  Result<DatabaseState> database_state() override { return DatabaseState{}; }
  void cancel() noexcept override {
    ++cancels;
    try {
      end(Execution{Millis{1}, true, 0, 0});
    } catch (const std::future_error&) {
      // It has just ended by itself.
    }
  }

  void end(Result<Execution> result) { outcome.set_value(std::move(result)); }
  void wait_for_start(int runs = 1) {
    for (int seen = started; seen < runs; seen = started) started.wait(seen);
  }

  std::promise<Result<Execution>> outcome;
  std::string hint_sets;
  std::atomic<int> started = 0;
  std::atomic<int> cancels = 0;
};

}  // namespace hintd::safety
