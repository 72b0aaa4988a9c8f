#include "dashboard/api_parameters.h"

#include <charconv>
#include <limits>
#include <map>

namespace hintd::dashboard {

Result<std::int64_t> number_from(const std::string& name, const std::string& text, std::int64_t low,
                                 std::int64_t high) {
  std::int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ptr != end || read.ec != std::errc() || value < low || value > high)
    return fail(ErrorKind::kInvalidInput, name + ": '" + text + "' does not fit",
                "give a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return value;
}

Result<telemetry::Range> range_of(const HttpRequest& request) {
  using std::chrono::hours;
  static const std::map<std::string, telemetry::Range> kRanges = {
      {"", {}},           {"all", {}},           {"1h", hours(1)},
      {"24h", hours(24)}, {"7d", hours(7 * 24)}, {"30d", hours(30 * 24)}};
  const auto found = kRanges.find(request.parameter("range"));
  if (found != kRanges.end()) return found->second;
  return fail(ErrorKind::kInvalidInput, "range: '" + request.parameter("range") + "' is none",
              "use 1h, 24h, 7d, 30d or all");
}

Result<std::int64_t> limit_of(const HttpRequest& request) {
  if (request.parameter("limit").empty()) return 50;
  return number_from("limit", request.parameter("limit"), 1, 500);
}

Result<std::int64_t> before_of(const HttpRequest& request) {
  if (request.parameter("before").empty()) return std::numeric_limits<std::int64_t>::max();
  return number_from("before", request.parameter("before"), 0,
                     std::numeric_limits<std::int64_t>::max());
}

}  // namespace hintd::dashboard
