// The figures of a range of time that the page and the reports share, so that they cannot disagree.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "telemetry/ledger_feed.h"
#include "telemetry/report.h"

namespace hintd::telemetry {

// How far back from the newest statement; none: everything.
using Range = std::optional<std::chrono::seconds>;

TrafficReport traffic_report(const Ledger& ledger, Range range);
std::vector<BusyTemplate> busiest(const LedgerFeed& feed, Range range);

// What of a template lies in the range's whole buckets.
struct TemplatePart {
  std::int64_t queries = 0;
  std::int64_t hinted = 0;
  double total_ms = 0;
  double saved_ms = 0;
};
TemplatePart part_of(const TemplateFigures& figures, TimePoint newest, Range range);

// None for no latencies.
std::optional<Percentiles> percentiles(const LatencySketch& latencies);

}  // namespace hintd::telemetry
