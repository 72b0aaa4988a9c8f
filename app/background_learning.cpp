#include "app/background_learning.h"

#include <algorithm>

#include "core/log.h"

namespace hintd::app {
namespace {

constexpr std::size_t kMaxHeard = 256;
constexpr auto kRest = std::chrono::milliseconds(200);

}  // namespace

BackgroundLearning::BackgroundLearning(House& house, Clock& clock, std::uint32_t version,
                                       StatementSamples& samples, InlineTrials& trials)
    : house_(house), clock_(clock), samples_(samples), trials_(trials), version_(version) {
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
  if (house_.explorer->tries() != tries_published_) save();
}

// The explorer's statements may take long: they are cancelled until the thread has ended.
void BackgroundLearning::end_statements() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kRest, [&] { return ended_; })) {
    lock.unlock();
    house_.explorer_pg->cancel();
    house_.beside_pg->cancel();
    lock.lock();
  }
}

void BackgroundLearning::ran(const proxy::KnownStatement& statement, Millis latency) noexcept {
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
  while (true) {
    for (const auto& [sql, parsed, latency] : wait_for_statements()) {
      house_.explorer->offer(sql, parsed, latency);
      trials_.heard(sql, parsed, latency);
    }
    trials_.learn();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    explore();
    publish_if_due();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

void BackgroundLearning::explore() {
  const auto allowed = house_.settings().serve.explore_share * since_start_.elapsed();
  busy_ = false;
  if (house_.optimizer->mode() == Mode::kObserve) return;
  if (house_.explorer->spent() >= allowed) return;
  const auto worked = house_.explorer->step();
  if (!worked) log_warning("explorer_failed", {{"error", worked.error().text()}});
  busy_ = worked && *worked;
}

void BackgroundLearning::publish_if_due() {
  const Millis interval = Seconds(house_.settings().serve.publish_interval_s);
  const bool news = house_.explorer->tries() != tries_published_;
  if (news && since_publish_.elapsed() >= interval) publish();
}

void BackgroundLearning::publish() {
  since_publish_ = Stopwatch();
  tries_published_ = house_.explorer->tries();
  auto rules = house_.rules->learn_all(house_.memory);
  PolicyPublished event;
  event.time = clock_.now();
  event.version = ++version_;
  event.templates = static_cast<std::int64_t>(rules.size());
  event.steered = std::count_if(rules.begin(), rules.end(),
                                [](const auto& entry) { return entry.second.steers(); });
  log_info("policy_published", {{"version", static_cast<std::int64_t>(event.version)},
                                {"templates", event.templates},
                                {"steered", event.steered}});
  auto policy = house_.make_policy(version_, std::move(rules));
  house_.supervisor->deployed(policy);
  house_.optimizer->publish(std::move(policy));
  house_.events->record(std::move(event));
  save();
}

void BackgroundLearning::save() const {
  if (const auto saved = house_.save(version_); !saved)
    log_error("learned_not_saved", {{"error", saved.error().text()}});
}

}  // namespace hintd::app
