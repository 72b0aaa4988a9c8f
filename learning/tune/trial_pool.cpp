#include "learning/tune/trial_pool.h"

#include <algorithm>

#include "core/check.h"

namespace hintd::learning {

TrialPool::TrialPool(std::vector<PlanExecutor*> executors) {
  HINTD_CHECK(!executors.empty(), "trials need a connection to run on");
  for (auto* executor : executors) lanes_.push_back({executor, {}, false});
}

TrialPool::~TrialPool() {
  for (auto& lane : lanes_)
    if (lane.busy) lane.executor->cancel();
  for (auto& lane : lanes_)
    if (lane.busy) lane.run.wait();
}

void TrialPool::start(const PoolTrial& what) {
  const auto lane =
      std::find_if(lanes_.begin(), lanes_.end(), [](const Lane& one) { return !one.busy; });
  HINTD_CHECK(lane != lanes_.end(), "no connection is free for a trial");
  lane->busy = true;
  ++under_way_;
  const auto number = static_cast<std::size_t>(lane - lanes_.begin());
  lane->run = std::async(std::launch::async, [this, number, what] {
    auto run = lanes_[number].executor->run(what.sql, *what.hint, what.timeout);
    const std::lock_guard lock(arriving_);
    arrivals_.push_back({number, {what, std::move(run)}});
    arrived_.notify_one();
  });
}

EndedTrial TrialPool::wait() {
  HINTD_CHECK(under_way_ > 0, "no trial is under way");
  std::unique_lock lock(arriving_);
  arrived_.wait(lock, [this] { return !arrivals_.empty(); });
  auto [number, ended] = std::move(arrivals_.front());
  arrivals_.pop_front();
  lock.unlock();
  lanes_[number].run.get();
  lanes_[number].busy = false;
  --under_way_;
  return std::move(ended);
}

}  // namespace hintd::learning
