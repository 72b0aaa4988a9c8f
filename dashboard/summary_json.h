// The figures of the overview, as JSON.
#pragma once

#include <string>

#include "dashboard/live_store.h"

namespace hintd::dashboard {

std::string summary_json(const LiveView& view);
std::string event_json(const telemetry::HistoryEvent& event);
// Figures over time, as columns, at most 240 buckets of the last `range` ("1h", "24h", "7d",
// "30d", anything else: all) up to the newest statement.
std::string series_json(const LiveView& view, const std::string& range);

}  // namespace hintd::dashboard
