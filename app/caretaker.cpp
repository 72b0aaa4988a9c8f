#include "app/caretaker.h"

#include <algorithm>

#include "app/backup_job.h"
#include "core/log.h"
#include "telemetry/database.h"
#include "telemetry/maintenance.h"
#include "telemetry/rollup.h"

namespace hintd::app {
namespace {

using telemetry::TelemetryConfig;

constexpr auto kMinute = std::chrono::minutes(1);
constexpr auto kHour = std::chrono::hours(1);
constexpr auto kCheckEvery = std::chrono::hours(24);
constexpr double kMinutesOfMean = 60;

std::chrono::seconds between_backups(const TelemetryConfig& config) {
  return std::chrono::hours(config.backup.every_h);
}

void log_failure(const char* event, const Error& error) {
  log_error(event, {{"error", error.text()}});
}

TimePoint last_backup(const TelemetryConfig& config) {
  const auto backups = telemetry::BackupFolder(backup_folder(config), config.backup).list();
  return backups.empty() ? TimePoint{} : backups.back().time;
}

Status roll_up_file(const TelemetryConfig& config) {
  HINTD_TRY(auto database,
            telemetry::Database::open(config.path, telemetry::Database::Access::kReadWrite));
  HINTD_TRY_STATUS(telemetry::roll_up(database, config.batch_size));
  return {};
}

}  // namespace

Caretaker::Caretaker(TelemetryConfig config, const Clock& clock,
                     std::function<std::int64_t()> statements)
    : clock_(clock),
      statements_(std::move(statements)),
      config_(std::move(config)),
      summing_up_{"telemetry_summing_up", clock.now()},
      cleaning_{"telemetry_cleaning", clock.now()},
      checking_{"telemetry_checking", clock.now()},
      backing_up_{"telemetry_backup", last_backup(config_)} {
  if (backing_up_.since != TimePoint{}) backing_up_.last = backing_up_.since;
  thread_ = std::thread([this] { run(); });
}

Caretaker::~Caretaker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Caretaker::configure(const TelemetryConfig& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
}

std::vector<JobTimes> Caretaker::jobs() const {
  const std::lock_guard lock(mutex_);
  std::vector<JobTimes> times;
  const auto add = [&](const Job& job, std::chrono::seconds every) {
    if (every > std::chrono::seconds(0))
      times.push_back({job.name, every, job.last, std::max(clock_.now(), job.since + every)});
  };
  add(summing_up_, kMinute);
  add(cleaning_, kHour);
  add(checking_, kCheckEvery);
  add(backing_up_, between_backups(config_));
  return times;
}

bool Caretaker::Job::is_now(TimePoint now, std::chrono::seconds every, bool quiet) {
  if (every <= std::chrono::seconds(0)) return false;
  // The calendar may have been set back.
  if (now < since) since = now;
  if (now - since < every || (!quiet && now - since < every + kHour)) return false;
  last = since = now;
  return true;
}

bool Caretaker::is_due(Job& job, std::chrono::seconds every, bool quiet) {
  const std::lock_guard lock(mutex_);
  return job.is_now(clock_.now(), every, quiet);
}

void Caretaker::run() {
  while (wait_a_minute()) {
    TelemetryConfig config;
    {
      const std::lock_guard lock(mutex_);
      config = config_;
    }
    const bool quiet = is_quiet();
    {
      const std::lock_guard lock(mutex_);
      summing_up_.last = summing_up_.since = clock_.now();
    }
    failsafe_.run([&] {
      sum_up(config);
      if (is_due(cleaning_, kHour, quiet)) clean_up(config);
      if (is_due(checking_, kCheckEvery, quiet)) check(config);
      if (is_due(backing_up_, between_backups(config), quiet)) back_up(config);
    });
  }
}

bool Caretaker::wait_a_minute() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kMinute, [&] { return stopping_; });
  return !stopping_;
}

bool Caretaker::is_quiet() {
  const auto served = statements_();
  const auto now = static_cast<double>(served - served_);
  served_ = served;
  mean_ += (now - mean_) / kMinutesOfMean;
  return now <= mean_;
}

void Caretaker::sum_up(const TelemetryConfig& config) const {
  if (const auto done = roll_up_file(config); !done)
    log_failure("telemetry_not_summed_up", done.error());
}

void Caretaker::clean_up(const TelemetryConfig& config) {
  auto store = telemetry::Maintenance::open(config);
  if (!store) return log_failure("telemetry_not_cleaned", store.error());
  const auto cleaned = store->clean_up(clock_.now(), [this] { return going_on(); });
  const auto freed = cleaned ? store->vacuum(false) : tl::make_unexpected(cleaned.error());
  if (!freed) return log_failure("telemetry_not_cleaned", freed.error());
  log_info("telemetry_cleaned", {{"observations", cleaned->observations},
                                 {"rollups", cleaned->rollups},
                                 {"freed_bytes", *freed}});
}

void Caretaker::check(const TelemetryConfig& config) const {
  auto store = telemetry::Maintenance::open(config);
  if (!store) return log_failure("telemetry_not_checked", store.error());
  const auto problems = store->check();
  if (!problems) return log_failure("telemetry_not_checked", problems.error());
  for (const auto& problem : *problems) log_error("telemetry_damaged", {{"problem", problem}});
  if (const auto done = store->analyze(); !done)
    log_failure("telemetry_not_analyzed", done.error());
}

void Caretaker::back_up(const TelemetryConfig& config) const {
  const auto made = make_backup(config, clock_.now());
  if (!made) return log_failure("backup_failed", made.error());
  log_info("backup_made", {{"file", made->file.string()}, {"bytes", made->bytes}});
}

bool Caretaker::going_on() {
  const std::lock_guard lock(mutex_);
  return !stopping_;
}

}  // namespace hintd::app
