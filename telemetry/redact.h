#pragma once

#include <string>
#include <string_view>

namespace hintd::telemetry {

// A server's error as telemetry may keep it: its first line, with every quoted part as "...", since
// PostgreSQL quotes literals and quotes the statement on later lines. At most 200 bytes.
std::string without_literals(std::string_view error);

}  // namespace hintd::telemetry
