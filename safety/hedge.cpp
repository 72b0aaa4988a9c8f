#include "safety/hedge.h"

namespace hintd::safety {
namespace {

// To wake a thread costs a fast statement more than it takes: while statements come one after the
// other the worker looks at its watch instead.
constexpr std::chrono::microseconds kTick{500};
constexpr std::chrono::milliseconds kLinger{100};

}  // namespace

Hedge::Hedge(PlanExecutor& first, PlanExecutor& second)
    : first_(first), second_(second), worker_([this] { work(); }) {}

Hedge::~Hedge() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (second_running_) second_.cancel();
  }
  changed_.notify_one();
  worker_.join();
}

Result<HedgedOutcome> Hedge::run(std::string_view sql, const HintSet& first, const HintSet& second,
                                 Millis patience) {
  const Stopwatch stopwatch;
  const auto start = std::chrono::steady_clock::now() +
                     std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience);
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = asleep_;
    job_ = Job{++last_id_, std::string(sql), &second, start, false, std::nullopt};
  }
  if (wake) changed_.notify_one();
  const auto by_first = first_.run(sql, first, kNoTimeout);

  std::lock_guard lock(mutex_);
  HedgedOutcome outcome;
  outcome.latency = stopwatch.elapsed();
  const Job job = std::move(*job_);
  job_.reset();
  outcome.joined = job.taken;
  if (job.taken && !job.result) second_.cancel_through(first_);
  if (job.result && !*job.result) outcome.second_error = job.result->error().text();
  outcome.second_won = job.result && *job.result && !(*job.result)->timed_out;
  if (outcome.second_won) {
    outcome.lost = outcome.latency;
    outcome.execution = **job.result;
    return outcome;
  }
  if (job.taken) outcome.lost = outcome.latency - patience;
  if (!by_first) return tl::make_unexpected(by_first.error());
  outcome.execution = *by_first;
  return outcome;
}

bool Hedge::due() const {
  return job_ && !job_->taken && std::chrono::steady_clock::now() >= job_->start;
}

void Hedge::work() {
  std::unique_lock lock(mutex_);
  auto last_job = std::chrono::steady_clock::now();
  while (!stopping_) {
    if (job_ && !job_->taken) last_job = std::chrono::steady_clock::now();
    if (due()) {
      run_second(lock);
    } else if (std::chrono::steady_clock::now() - last_job < kLinger) {
      const auto tick = std::chrono::steady_clock::now() + kTick;
      changed_.wait_until(lock, job_ && !job_->taken ? std::min(tick, job_->start) : tick);
    } else {
      asleep_ = true;
      changed_.wait(lock, [&] { return stopping_ || (job_ && !job_->taken); });
      asleep_ = false;
    }
  }
}

void Hedge::run_second(std::unique_lock<std::mutex>& lock) {
  job_->taken = true;
  second_running_ = true;
  const auto id = job_->id;
  const std::string sql = job_->sql;
  const HintSet hint_set = *job_->hint_set;  // whose caller may be gone before this run is
  lock.unlock();
  auto result = second_.run(sql, hint_set, kNoTimeout);
  lock.lock();
  second_running_ = false;
  if (!job_ || job_->id != id) return;  // the first was faster
  const bool won = result && !result->timed_out;
  job_->result = std::move(result);
  if (won) first_.cancel_through(second_);
}

}  // namespace hintd::safety
