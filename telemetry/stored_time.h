// Times as the telemetry file holds them: whole microseconds, those of the calendar since 1970 in
// UTC.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/clock.h"

namespace hintd::telemetry {

inline std::int64_t micros(TimePoint time) {
  return time.time_since_epoch().count();
}
inline std::int64_t micros(Millis duration) {
  return std::llround(duration.count() * 1000);
}
inline TimePoint time_point(std::int64_t micros) {
  return TimePoint{std::chrono::microseconds{micros}};
}
inline double millis(std::int64_t micros) {
  return static_cast<double>(micros) / 1000;
}

}  // namespace hintd::telemetry
