#include "dashboard/json_text.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "telemetry/format.h"

namespace hintd::dashboard {

Json figure(double value) {
  if (!std::isfinite(value)) return nullptr;
  // Four digits: more is noise, and a page of ten thousand templates half as heavy.
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4);
  double rounded = value;
  std::from_chars(text, end.ptr, rounded);
  if (std::abs(value) >= 1e4) rounded = std::round(value);
  return rounded;
}

Json time_json(TimePoint time) {
  return time == TimePoint{} ? Json(nullptr) : Json(telemetry::iso_time(time));
}

std::int64_t seconds_json(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

Json latency_json(const telemetry::LatencySketch& sketch) {
  if (sketch.count() == 0)
    return {{"count", 0}, {"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}};
  return {{"count", sketch.count()},
          {"p50", figure(sketch.quantile(0.5))},
          {"p95", figure(sketch.quantile(0.95))},
          {"p99", figure(sketch.quantile(0.99))}};
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hintd::dashboard
