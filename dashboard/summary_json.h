// The figures of the overview, as JSON.
#pragma once

#include <string>

#include "dashboard/json_text.h"
#include "dashboard/live_store.h"
#include "telemetry/traffic_report.h"

namespace hintd::dashboard {

std::string summary_json(const LiveView& view);
std::string event_json(const telemetry::HistoryEvent& event);
// What charts mark on their time axis: phases of a demo, policies.
Json marks_json(const LiveView& view);
// Did safety or somebody take a hint, a policy or a template's hints back?
bool is_taken_back(const std::string& event);
// Safety events over time, with the anchors (as Operations::anchors_json) among the marks.
std::string safety_series_json(const LiveView& view, telemetry::Range range, const Json& anchors);
// Figures over time, as columns, at most 240 buckets of the range.
std::string series_json(const LiveView& view, telemetry::Range range);

}  // namespace hintd::dashboard
