// Learning beside the traffic, in a thread of its own: takes what the proxy's clients ran, lets the
// explorer re-run it on its own connection within its share of the time, and publishes a policy
// from what was measured. Rests while the optimizer observes. Where it fails, the traffic goes on
// under the last policy.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "app/inline_trials.h"
#include "app/statement_samples.h"
#include "app/wiring.h"
#include "proxy/worker.h"

namespace hintd::app {

class BackgroundLearning final : public proxy::StatementTap {
 public:
  // All must outlive it. `version` is the policy's that is in force; `samples` hears of statements
  // too. While the mode is observe nothing is explored.
  BackgroundLearning(House& house, Clock& clock, std::uint32_t version, StatementSamples& samples,
                     InlineTrials& trials);
  // Cancels what the explorer runs, ends the thread, and saves what was learned.
  ~BackgroundLearning() override;

  // Keeps the statement for the thread if it is slow enough to be worth it and there is room.
  void ran(const proxy::KnownStatement& statement, Millis latency) noexcept override;

 private:
  struct Heard {
    std::string sql;
    ParsedQuery parsed;
    Millis latency{0};
  };
  void run();
  void end_statements();
  std::vector<Heard> wait_for_statements();
  void explore();
  void publish_if_due();
  void publish();
  void save() const;

  House& house_;
  Clock& clock_;
  StatementSamples& samples_;
  InlineTrials& trials_;
  std::uint32_t version_;
  std::int64_t tries_published_ = 0;
  Stopwatch since_start_;
  Stopwatch since_publish_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Heard> heard_;
  bool stopping_ = false;
  bool ended_ = false;
  bool busy_ = false;  // the explorer has something to do

  std::thread thread_;
};

}  // namespace hintd::app
