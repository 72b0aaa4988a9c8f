// Users' statements summed up by minute, hour and day, so that what spans a year reads a few
// hundred rows. Sketches merge, so percentiles of any span are right within 1 %.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/latency_sketch.h"

namespace hintd::telemetry {

enum class RollupWidth : std::int64_t { kMinute = 60, kHour = 3600, kDay = 86400 };
inline constexpr RollupWidth kRollupWidths[] = {RollupWidth::kMinute, RollupWidth::kHour,
                                                RollupWidth::kDay};

// What was run within one minute, hour or day.
struct RollupPoint {
  TimePoint start;
  std::int64_t queries = 0;
  std::int64_t hinted = 0;  // under an arm other than the default
  std::int64_t failures = 0;
  std::int64_t timed_out = 0;
  double total_ms = 0;    // of those that succeeded, as latency
  LatencySketch latency;  // ms
};

struct TemplateTotal {
  std::int64_t template_id = 0;
  std::string name;  // fingerprint where it has none
  std::int64_t queries = 0;
  double total_ms = 0;
};

// Half open.
struct TimeSpan {
  TimePoint from;
  TimePoint to;
};

// Adds the statements stored since the last call to the sums, `batch` of them a transaction: each
// is counted once, also when the process is killed. Answers how many there were.
Result<std::int64_t> roll_up(Database& database, std::size_t batch);

// Oldest first, those with statements alone, at most `limit`; template_id 0: all templates
// together, which alone are summed up by the minute. The next page begins after the last point's
// start. Statements that are not rolled up yet are missing, as is everything in files of an older
// schema.
Result<std::vector<RollupPoint>> read_series(Database& database, RollupWidth width, TimeSpan span,
                                             std::int64_t template_id = 0,
                                             std::int64_t limit = 1500);

// Those that took most time, at most `limit`; by whole days.
Result<std::vector<TemplateTotal>> read_heaviest(Database& database, TimeSpan span,
                                                 std::int64_t limit = 50);

}  // namespace hintd::telemetry
