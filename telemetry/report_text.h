#pragma once

#include <string>
#include <vector>

#include "telemetry/report.h"

namespace hintd::telemetry {

// The answer, sentence by sentence: how much faster, how much of what was possible, what got worse.
std::vector<std::string> headline(const Report& report);

// The share of a phase's queries that succeeded; "-" where there were none.
std::string success_text(const PhaseReport& phase);

// What running two plans side by side won and cost, one line.
std::string hedging_text(const HedgingReport& hedging);

// What hints saved, with its interval, one line.
std::string saved_text(const TrafficReport& traffic);

// For a terminal, 100 columns, the answer first: what final_report.txt holds.
std::string report_text(const Report& report);

// A few lines: `hintd telemetry summary`.
std::string summary_text(const Report& report);

}  // namespace hintd::telemetry
