#include "core/clock.h"

#include <thread>

namespace hintd {

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void SystemClock::wait_until(TimePoint until) {
  std::this_thread::sleep_until(until);
}

SimulatedClock::SimulatedClock(TimePoint start) : micros_(micros(start)) {}

TimePoint SimulatedClock::now() const {
  return time_point(micros_.load(std::memory_order_acquire));
}

void SimulatedClock::wait_until(TimePoint until) {
  const auto target = micros(until);
  auto current = micros_.load(std::memory_order_relaxed);
  while (current < target && !micros_.compare_exchange_weak(current, target)) {
  }
}

}  // namespace hintd
