// Runs trials side by side, each on a connection of its own. Latencies measured so are those of a
// busy server: good enough to choose what to put to the proof, never a proof.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/plan_executor.h"
#include "learning/explore/exploration.h"

namespace hintd::learning {

struct PoolTrial {
  Trial trial;
  std::string_view sql;           // borrowed until it ended
  const HintSet* hint = nullptr;  // borrowed until it ended
  Millis timeout{0};
};

struct EndedTrial {
  PoolTrial what;
  Result<Execution> run;
};

// One owner: start() and wait() come from one thread.
class TrialPool {
 public:
  // Borrows the executors; at least one, none twice.
  explicit TrialPool(std::vector<PlanExecutor*> executors);
  ~TrialPool();  // cancels what is under way, and waits for it

  std::size_t size() const { return lanes_.size(); }
  std::size_t under_way() const { return under_way_; }
  bool has_room() const { return under_way_ < lanes_.size(); }
  // Needs room.
  void start(const PoolTrial& what);
  // The next to end; needs one under way.
  EndedTrial wait();

 private:
  struct Lane {
    PlanExecutor* executor;
    std::future<void> run;
    bool busy = false;
  };
  struct Arrival {
    std::size_t lane;
    EndedTrial ended;
  };

  std::vector<Lane> lanes_;
  std::size_t under_way_ = 0;
  std::mutex arriving_;  // of arrivals_
  std::condition_variable arrived_;
  std::deque<Arrival> arrivals_;
};

}  // namespace hintd::learning
