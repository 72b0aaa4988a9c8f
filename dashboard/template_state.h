#pragma once

#include <string_view>

#include "dashboard/live_store.h"

namespace hintd::dashboard {

// Where a template stands, as people read it: observed, exploring, verified, or what somebody
// ordered: pinned, banned, rolled_back.
std::string_view state_of(const LiveView& view, const telemetry::TemplateFigures& figures);

}  // namespace hintd::dashboard
