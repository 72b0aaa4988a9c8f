#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace hintd::app {

// "90s", "10m", "24h", "7d". kInvalidInput, naming the option, for anything else.
Result<std::chrono::seconds> parse_span(std::string_view option, const std::string& text);

}  // namespace hintd::app
