// Times and durations as the telemetry file holds them: whole microseconds.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/clock.h"

namespace hintd::telemetry {

using hintd::micros;

inline std::int64_t micros(Millis duration) {
  return std::llround(duration.count() * 1000);
}
inline double millis(std::int64_t micros) {
  return static_cast<double>(micros) / 1000;
}

}  // namespace hintd::telemetry
