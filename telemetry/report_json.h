#pragma once

#include <string>

#include "telemetry/report.h"

namespace hintd::telemetry {

// The whole report, indented: what final_report.json holds. Not a number becomes null; the
// configuration is nested as it is when it is JSON, else kept as a string.
std::string report_json(const Report& report);

// Its `traffic` alone, in one line: what the page asks for.
std::string traffic_json(const TrafficReport& traffic);

// The short form: `hintd telemetry summary --json`.
std::string summary_json(const Report& report);

}  // namespace hintd::telemetry
