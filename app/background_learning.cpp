#include "app/background_learning.h"

#include <algorithm>
#include <utility>

#include "core/log.h"

namespace hintd::app {
namespace {

constexpr std::size_t kMaxHeard = 256;
constexpr auto kRest = std::chrono::milliseconds(200);
constexpr Seconds kSaveEvery{30};
constexpr int kMostDoublings = 8;  // of kRest, after turns that fail

}  // namespace

BackgroundLearning::BackgroundLearning(House& house, Upkeep& upkeep, ResourceWatch& resources,
                                       StatementSamples& samples, InlineTrials& trials)
    : house_(house), upkeep_(upkeep), resources_(resources), samples_(samples), trials_(trials) {
  upkeep_.stop_when([this] { return stopping(); });
  thread_ = std::thread([this] { run(); });
}

BackgroundLearning::~BackgroundLearning() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  end_statements();
  thread_.join();
  upkeep_.stop_when({});
  failsafe_.run([this] {
    upkeep_.settle();
    save_news();
  });
}

// Statements beside the traffic may take long: they are cancelled until the thread has ended.
void BackgroundLearning::end_statements() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kRest, [&] { return ended_; })) {
    lock.unlock();
    house_.explorer_pg->cancel();
    upkeep_.cancel();
    house_.beside_pg->cancel();
    lock.lock();
  }
}

void BackgroundLearning::ran(const proxy::KnownStatement& statement, Millis latency) {
  if (house_.optimizer->mode() == Mode::kObserve) return;
  if (latency.count() < house_.settings().rules.min_latency_ms || !statement.parameters.empty())
    return;
  samples_.keep(statement.parsed.query_template->fingerprint, statement.text);
  if (house_.optimizer->mode() == Mode::kObserve) return;
  const std::lock_guard lock(mutex_);
  if (heard_.size() >= kMaxHeard) return;
  heard_.push_back({statement.text, statement.parsed, latency});
  if (heard_.size() == 1) wake_.notify_one();
}

std::vector<BackgroundLearning::Heard> BackgroundLearning::wait_for_statements() {
  std::unique_lock lock(mutex_);
  if (!busy_) wake_.wait_for(lock, kRest, [&] { return stopping_ || !heard_.empty(); });
  return std::exchange(heard_, {});
}

void BackgroundLearning::run() {
  while (!stopping()) {
    const bool done = failsafe_.run([this] { take_turn(); });
    failed_turns_ = done ? 0 : failed_turns_ + 1;
    auto trouble = !done                       ? failsafe_.last()
                   : explorer_trouble_.empty() ? upkeep_.trouble()
                                               : explorer_trouble_;
    std::unique_lock lock(mutex_);
    trouble_ = std::move(trouble);
    if (done) continue;
    // Whatever it is, it is no better at once.
    const auto rest = kRest * (1 << std::min(failed_turns_, kMostDoublings));
    wake_.wait_for(lock, rest, [&] { return stopping_; });
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

bool BackgroundLearning::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void BackgroundLearning::take_turn() {
  for (const auto& [sql, parsed, latency] : wait_for_statements()) {
    house_.explorer->offer(sql, parsed, latency);
    upkeep_.hear(sql, parsed, latency.count());
    trials_.heard(sql, parsed, latency);
  }
  trials_.learn();
  if (stopping()) return;
  upkeep_.settle();
  resources_.look();
  explore();
  if (may_learn()) upkeep_.run_due(allowed());
  if (since_save_.elapsed() >= kSaveEvery) save_news();
}

std::string BackgroundLearning::state() const {
  if (house_.optimizer->mode() == Mode::kObserve) return "resting: the mode is observe";
  const std::lock_guard lock(mutex_);
  return trouble_.empty() ? "on" : "failing: " + trouble_;
}

Millis BackgroundLearning::allowed() const {
  return house_.settings().serve.explore_share * since_start_.elapsed();
}

bool BackgroundLearning::may_learn() const {
  return house_.optimizer->mode() != Mode::kObserve && resources_.may_learn();
}

void BackgroundLearning::explore() {
  busy_ = false;
  explorer_trouble_.clear();
  if (house_.optimizer->mode() == Mode::kObserve) return;
  if (!resources_.may_explore() || !upkeep_.may_explore(allowed())) return;
  const auto worked = house_.explorer->step();
  if (!worked) {
    explorer_trouble_ = worked.error().message;
    log_warning("explorer_failed", {{"error", worked.error().text()}});
  }
  busy_ = worked && *worked;
}

void BackgroundLearning::save_news() {
  since_save_ = Stopwatch();
  const auto tries = house_.explorer->tries();
  const auto policy = upkeep_.desk().in_force();
  if (tries == tries_saved_ && policy == policy_saved_) return;
  tries_saved_ = tries;
  policy_saved_ = policy;
  if (const auto saved = house_.save(policy); !saved)
    log_error("learned_not_saved", {{"error", saved.error().text()}});
}

}  // namespace hintd::app
