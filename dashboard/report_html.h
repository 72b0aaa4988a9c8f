#pragma once

#include <string>

#include "telemetry/report.h"

namespace hintd::dashboard {

// The report as one HTML file that needs nothing else: no scripts, no fonts, no network.
std::string report_html(const telemetry::Report& report);

}  // namespace hintd::dashboard
