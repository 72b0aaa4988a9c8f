#pragma once

#include <string>

#include "telemetry/report.h"

namespace hintd::telemetry {

// The answer in a sentence: how much faster, how much of what was possible, what got worse.
std::string headline(const Report& report);

// For a terminal, 100 columns, the answer first: what final_report.txt holds.
std::string report_text(const Report& report);

// A few lines: `hintd telemetry summary`.
std::string summary_text(const Report& report);

}  // namespace hintd::telemetry
