// Latency over time, as reports plot it.
#pragma once

#include <cstddef>
#include <vector>

#include "telemetry/report.h"

namespace hintd::telemetry {

// One statement.
struct LatencySample {
  TimePoint time;
  std::size_t phase = 0;
  double latency_ms = 0;
};

// By phase, then by time. Each of the `phases` phases is cut into stretches of one length of its
// own, as many as its share of the statements of about kLatencyPoints; a stretch without a
// statement has no point.
std::vector<LatencyPoint> latency_points(const std::vector<LatencySample>& samples,
                                         std::size_t phases);

}  // namespace hintd::telemetry
