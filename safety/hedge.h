// Hedged runs: a statement under one hint set, and where that takes longer than the patience under
// another beside it on a second connection. The first to end gives the rows and the other is
// cancelled, so that the slower costs the server something and the user little (Dean and Barroso,
// The Tail at Scale, 2013). The default goes first and an arm joins in, or where the arm is to run
// at once the default joins in past its deadline (safety/deadline.h).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "core/plan_executor.h"

namespace hintd::safety {

struct HedgedOutcome {
  Millis latency{0};         // until the rows were here, and the first ended where the second won
  bool joined = false;       // the second was run
  bool second_won = false;   // and gave the rows
  Millis lost{0};            // server time of the run that did not
  std::string second_error;  // why the second's run failed; empty when it did not
  Execution execution;       // the run that gave the rows
};

// run() from one thread. The patience is real time: it is about a server at work.
class Hedge {
 public:
  // `second` is used by the hedge alone, from a thread of its own. Both must outlive the hedge.
  Hedge(PlanExecutor& first, PlanExecutor& second);
  // Ends a run of the second that is still going on.
  ~Hedge();

  PlanExecutor& first() { return first_; }

  // Fails as the first does. While the last run's loser is still being ended the second does not
  // join.
  Result<HedgedOutcome> run(std::string_view sql, const HintSet& first, const HintSet& second,
                            Millis patience);

 private:
  struct Job {
    std::uint64_t id = 0;
    std::string sql;
    const HintSet* hint_set = nullptr;
    std::chrono::steady_clock::time_point start;
    bool taken = false;
    std::optional<Result<Execution>> result;
  };
  void work();
  bool due() const;
  void run_second(std::unique_lock<std::mutex>& lock);

  PlanExecutor& first_;
  PlanExecutor& second_;
  std::mutex
      mutex_;  // of all below; held while a run is cancelled, so that no later one can be hit
  std::condition_variable changed_;
  std::optional<Job> job_;  // gone once the first has ended
  std::uint64_t last_id_ = 0;
  bool second_running_ = false;
  bool asleep_ = false;  // the worker must be woken
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace hintd::safety
