#include "core/clock.h"

#include <thread>

namespace hintd {

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void SystemClock::wait_until(TimePoint until) {
  std::this_thread::sleep_until(until);
}

SimulatedClock::SimulatedClock(TimePoint start) : micros_(start.time_since_epoch().count()) {}

TimePoint SimulatedClock::now() const {
  return TimePoint(std::chrono::microseconds(micros_.load(std::memory_order_acquire)));
}

void SimulatedClock::wait_until(TimePoint until) {
  const auto target = until.time_since_epoch().count();
  auto current = micros_.load(std::memory_order_relaxed);
  while (current < target && !micros_.compare_exchange_weak(current, target)) {
  }
}

}  // namespace hintd
