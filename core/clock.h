// Time, injected. Calendar time may be simulated; monotonic time is always physical, because
// latencies are.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace hintd {

using Millis = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

// Times as files hold them: whole microseconds since 1970 in UTC.
inline std::int64_t micros(TimePoint time) {
  return time.time_since_epoch().count();
}
inline TimePoint time_point(std::int64_t micros) {
  return TimePoint{std::chrono::microseconds{micros}};
}

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // Returns when now() is at least `until`: waits in real time, or moves simulated time forward.
  virtual void wait_until(TimePoint until) = 0;
  // For measuring how long something took.
  std::chrono::steady_clock::time_point monotonic() const {
    return std::chrono::steady_clock::now();
  }
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  void wait_until(TimePoint until) override;
};

// Moves only when told to, and never backwards.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(TimePoint start);
  TimePoint now() const override;
  void wait_until(TimePoint until) override;

 private:
  std::atomic<std::int64_t> micros_;
};

// Physical time since construction.
class Stopwatch {
 public:
  Millis elapsed() const { return std::chrono::steady_clock::now() - start_; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace hintd
