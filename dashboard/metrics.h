#pragma once

#include <string>

#include "dashboard/live_store.h"

namespace hintd::dashboard {

// Prometheus' text format 0.0.4. Labels take few values: plan (default, hinted), reasons of
// decisions, names of safety events, states of templates; never a template or a statement.
std::string metrics_text(const LiveView& view);

}  // namespace hintd::dashboard
