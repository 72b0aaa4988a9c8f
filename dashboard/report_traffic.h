#pragma once

#include <string>

#include "telemetry/report.h"

namespace hintd::dashboard {

// What the page's overview shows of the report's range, as HTML; empty without statements.
std::string traffic_html(const telemetry::Report& report);

}  // namespace hintd::dashboard
