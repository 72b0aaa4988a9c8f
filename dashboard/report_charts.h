// The report's pictures, each empty where the run has nothing to show in it.
#pragma once

#include <string>

#include "telemetry/report.h"

namespace hintd::dashboard {

std::string latency_chart(const telemetry::Report& report);
std::string templates_chart(const telemetry::Report& report);
// Loss, epsilon and spread of Q-values, each on its own axis.
std::string learning_charts(const telemetry::Report& report);

}  // namespace hintd::dashboard
