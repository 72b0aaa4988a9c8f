#include "telemetry/event_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/log.h"
#include "telemetry/damaged_file.h"
#include "telemetry/event_store.h"

namespace hintd::telemetry {
namespace {

Status check_range(const char* key, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return {};
  return fail(ErrorKind::kInvalidInput,
              std::string("telemetry.") + key + " is " + std::to_string(value),
              "set it to " + std::to_string(low) + " to " + std::to_string(high));
}

Status check(const TelemetryConfig& config) {
  HINTD_TRY_STATUS(
      check_range("batch_size", static_cast<std::int64_t>(config.batch_size), 1, 1'000'000));
  HINTD_TRY_STATUS(check_range("queue_capacity", static_cast<std::int64_t>(config.queue_capacity),
                               1, 10'000'000));
  HINTD_TRY_STATUS(check_range("flush_interval_ms", config.flush_interval.count(), 1, 60'000));
  return check_range("retention_days", config.retention_days, 0, 36'500);
}

bool worth_a_retry(const Error& error) {
  return error.kind == ErrorKind::kExhausted || error.kind == ErrorKind::kUnavailable;
}

}  // namespace

Result<std::unique_ptr<EventWriter>> EventWriter::open(const TelemetryConfig& config) {
  HINTD_TRY_STATUS(check(config));
  HINTD_TRY(auto store, EventStore::open(config));
  return std::unique_ptr<EventWriter>(new EventWriter(config, std::move(store)));
}

EventWriter::EventWriter(const TelemetryConfig& config, std::unique_ptr<EventStore> store)
    : config_(config), store_(std::move(store)) {
  // So that record() never allocates.
  queue_.reserve(config_.queue_capacity);
  thread_ = std::thread([this] { drain(); });
}

EventWriter::~EventWriter() {
  if (const auto stopped = stop(); !stopped)
    log_error("telemetry_lost", {{"error", stopped.error().text()}});
}

bool EventWriter::record(Event event) noexcept {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= config_.queue_capacity) {
    ++counts_.dropped;
    return false;
  }
  queue_.push_back(std::move(event));
  ++accepted_;
  // The first of a batch starts its flush_interval, a full batch ends it.
  if (queue_.size() == 1 || queue_.size() == config_.batch_size) work_.notify_one();
  return true;
}

Status EventWriter::flush() {
  std::unique_lock lock(mutex_);
  const auto target = accepted_;
  const auto lost = lost_in_store_;
  const auto failures = counts_.failed_batches;
  hurry_ = true;
  work_.notify_one();
  settled_.wait(lock, [&] {
    return counts_.stored + lost_in_store_ >= target || counts_.failed_batches > failures;
  });
  if (lost_in_store_ > lost || counts_.failed_batches > failures)
    return tl::make_unexpected(last_error_);
  return {};
}

Status EventWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    work_.notify_one();
  }
  if (!thread_.joinable()) return {};
  thread_.join();
  // The thread has ended: the store and the counts are ours.
  if (lost_in_store_ > 0 && failing_) return tl::make_unexpected(last_error_);
  return write({});
}

WriterCounts EventWriter::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void EventWriter::drain() {
  std::vector<Event> taken;
  taken.reserve(config_.queue_capacity);
  while (wait_for_events(taken)) {
    store_all(taken);
    taken.clear();
  }
}

// Swaps the queue for the empty `taken`. False when stopped and nothing is left.
bool EventWriter::wait_for_events(std::vector<Event>& taken) {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return stopping_ || hurry_ || !queue_.empty(); });
  work_.wait_for(lock, config_.flush_interval,
                 [&] { return stopping_ || hurry_ || queue_.size() >= config_.batch_size; });
  hurry_ = false;
  queue_.swap(taken);
  return !taken.empty() || !stopping_;
}

void EventWriter::store_all(std::span<const Event> events) {
  while (!events.empty()) {
    const auto batch = events.first(std::min(events.size(), config_.batch_size));
    if (store_batch(batch)) events = events.subspan(batch.size());
  }
}

bool EventWriter::store_batch(std::span<const Event> events) {
  auto written = write(events);
  if (!written && written.error().kind == ErrorKind::kCorrupt && !begun_anew_) {
    written = begin_anew(written.error());
    if (written) written = write(events);
  }
  if (!written) return handle_failure(events.size(), written.error());
  for (const auto& event : events)
    if (const auto* run = std::get_if<RunStarted>(&event)) run_ = *run;
  handle_success(events.size());
  return true;
}

Status EventWriter::write(std::span<const Event> events) {
  if (!store_) {
    HINTD_TRY(store_, EventStore::open(config_));
  }
  const auto so_far = counts();
  return store_->write(events, {so_far.dropped, so_far.failed_batches});
}

Status EventWriter::begin_anew(const Error& damage) {
  begun_anew_ = true;
  store_.reset();
  const auto aside = set_aside(config_.path);
  log_error("telemetry_damaged", {{"error", damage.text()},
                                  {"set_aside", aside ? aside->string() : aside.error().text()}});
  if (!aside) return tl::make_unexpected(aside.error());
  if (!run_) return {};
  const Event run = *run_;
  return write(std::span(&run, 1));
}

bool EventWriter::handle_failure(std::size_t events, const Error& error) {
  std::unique_lock lock(mutex_);
  if (!failing_) {
    // Whoever holds the file lets go of it: nothing is lost yet.
    auto* const log = error.kind == ErrorKind::kUnavailable ? log_warning : log_error;
    log("telemetry_write_failed", {{"events", events}, {"error", error.text()}});
  }
  failing_ = true;
  last_error_ = error;
  ++counts_.failed_batches;
  const bool give_up = stopping_ || !worth_a_retry(error);
  if (give_up) {
    counts_.dropped += static_cast<std::int64_t>(events);
    lost_in_store_ += static_cast<std::int64_t>(events);
  }
  settled_.notify_all();
  if (!give_up) work_.wait_for(lock, config_.flush_interval, [&] { return stopping_ || hurry_; });
  hurry_ = false;
  return give_up;
}

void EventWriter::handle_success(std::size_t events) {
  const std::lock_guard lock(mutex_);
  if (failing_) log_warning("telemetry_write_recovered", {{"dropped", counts_.dropped}});
  failing_ = false;
  counts_.stored += static_cast<std::int64_t>(events);
  settled_.notify_all();
}

}  // namespace hintd::telemetry
