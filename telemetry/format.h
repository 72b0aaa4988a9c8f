// Figures as people read them; the same in text and HTML.
#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace hintd::telemetry {

std::string fixed(double value, int decimals);  // "-" when not finite
std::string count_text(std::int64_t count);     // "1,234,567"
std::string ms_text(double ms);                 // "0.52", "12.3", "4,180": three digits or more
std::string duration_text(double ms);           // the same with its unit: "12.3 ms", "4.18 s"
std::string percent_text(double share);         // "81.3 %"
std::string times_text(double ratio);           // "2.04x"
std::string iso_time(TimePoint time);           // "2026-01-02T03:04:05Z"
std::string minute_text(TimePoint time);        // "2026-01-02 03:04"

}  // namespace hintd::telemetry
