#pragma once

#include <string>

#include "telemetry/tune_report.h"

namespace hintd::dashboard {

// The tuner's report as one HTML file that needs nothing else: no scripts, no fonts, no network.
std::string tune_html(const telemetry::TuneReport& report);

}  // namespace hintd::dashboard
