// JSON as the API answers it: keys in the order they are added, times ISO 8601 in UTC, latencies
// in ms with four digits that count, what is not a number null.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "telemetry/latency_sketch.h"

namespace hintd::dashboard {

using Json = nlohmann::ordered_json;

Json figure(double value);
Json time_json(TimePoint time);
// Whole seconds since 1970: the axis of charts.
std::int64_t seconds_json(TimePoint time);
Json latency_json(const telemetry::LatencySketch& sketch);
// One line; bytes that are not UTF-8 are replaced.
std::string text_of(const Json& json);

}  // namespace hintd::dashboard
