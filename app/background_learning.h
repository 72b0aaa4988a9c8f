// Learning beside the traffic, in a thread of its own: takes what the proxy's clients ran, lets the
// explorer re-run it on its own connection within its share of the time, and has level 1 prove what
// was learned before it serves (app/upkeep). Rests while the optimizer observes. Where any of it
// fails the traffic goes on under the last policy; on a busy host exploring stops first, then
// learning.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/inline_trials.h"
#include "app/resource_watch.h"
#include "app/statement_samples.h"
#include "app/upkeep.h"
#include "core/failsafe.h"
#include "proxy/worker.h"

namespace hintd::app {

class BackgroundLearning final : public proxy::StatementTap {
 public:
  // All must outlive it. Nobody else touches house and upkeep while it lives, but for what they say
  // is thread-safe. `samples` hears of statements too.
  BackgroundLearning(House& house, Upkeep& upkeep, ResourceWatch& resources,
                     StatementSamples& samples, InlineTrials& trials);
  // Cancels what runs beside the traffic, ends the thread, and saves what was learned.
  ~BackgroundLearning() override;

  // Keeps the statement for the thread if it is slow enough to be worth it and there is room.
  void ran(const proxy::KnownStatement& statement, Millis latency) override;

  // "on", "resting: ..." or "failing: ...". Thread-safe.
  std::string state() const;

 private:
  struct Heard {
    std::string sql;
    ParsedQuery parsed;
    Millis latency{0};
  };
  void run();
  void take_turn();
  void end_statements();
  bool stopping() const;
  std::vector<Heard> wait_for_statements();
  bool may_learn() const;
  void explore();
  void save_news();
  Millis allowed() const;

  House& house_;
  Upkeep& upkeep_;
  ResourceWatch& resources_;
  StatementSamples& samples_;
  InlineTrials& trials_;
  std::int64_t tries_saved_ = 0;
  learning::PolicyId policy_saved_ = learning::kNoPolicy;
  Stopwatch since_start_;
  Stopwatch since_save_;

  Failsafe failsafe_{"learning_failed"};
  std::string explorer_trouble_;
  int failed_turns_ = 0;  // in a row

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Heard> heard_;
  bool stopping_ = false;
  bool ended_ = false;
  std::string trouble_;  // of the last turn; empty: none
  bool busy_ = false;    // the explorer has something to do

  std::thread thread_;
};

}  // namespace hintd::app
