// What handlers read from a request's path and query. Failures are kInvalidInput, naming the
// parameter and what to give.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "dashboard/http.h"
#include "telemetry/traffic_report.h"

namespace hintd::dashboard {

// A whole number from `low` to `high`.
Result<std::int64_t> number_from(const std::string& name, const std::string& text, std::int64_t low,
                                 std::int64_t high);
// "range": counted back from the newest statement.
Result<telemetry::Range> range_of(const HttpRequest& request);
// "limit": how many rows of a list, 50 where it is not given.
Result<std::int64_t> limit_of(const HttpRequest& request);
// "before": the row that a page of a list ends before; the newest page where it is not given.
Result<std::int64_t> before_of(const HttpRequest& request);

}  // namespace hintd::dashboard
