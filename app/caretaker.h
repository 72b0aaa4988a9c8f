// Cares for the telemetry file while hintd serves, in a thread of its own: sums up every minute;
// cleans up every hour and checks and backs up as configured, in a minute that is no busier than
// the last hour's mean, or an hour late at most. What fails is logged and tried again.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/failsafe.h"
#include "core/operations.h"
#include "telemetry/telemetry_config.h"

namespace hintd::app {

class Caretaker {
 public:
  // `statements` counts what was served so far. It and the clock must outlive this.
  Caretaker(telemetry::TelemetryConfig config, const Clock& clock,
            std::function<std::int64_t()> statements);
  // Ends after the transaction or the backup it is at.
  ~Caretaker();

  // From the next minute on.
  void configure(const telemetry::TelemetryConfig& config);

  // When each thing was done, and when it is due. Thread-safe.
  std::vector<JobTimes> jobs() const;

 private:
  // Due every so often, never where that is 0; once due, waits for a quiet minute for an hour.
  struct Job {
    const char* name;
    TimePoint since;  // its last time, or when the counting began
    std::optional<TimePoint> last = {};

    bool is_now(TimePoint now, std::chrono::seconds every, bool quiet);
  };
  void run();
  bool is_due(Job& job, std::chrono::seconds every, bool quiet);
  bool wait_a_minute();
  bool is_quiet();
  void sum_up(const telemetry::TelemetryConfig& config) const;
  void clean_up(const telemetry::TelemetryConfig& config);
  void check(const telemetry::TelemetryConfig& config) const;
  void back_up(const telemetry::TelemetryConfig& config) const;
  bool going_on();

  const Clock& clock_;
  const std::function<std::int64_t()> statements_;
  std::int64_t served_ = 0;
  double mean_ = 0;  // statements a minute, over about an hour

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  telemetry::TelemetryConfig config_;
  Job summing_up_;
  Job cleaning_;
  Job checking_;
  Job backing_up_;
  bool stopping_ = false;

  Failsafe failsafe_{"upkeep_failed"};
  std::thread thread_;
};

}  // namespace hintd::app
