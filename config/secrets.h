#pragma once

#include <string>
#include <string_view>

namespace hintd::config {

// A DSN (keywords or URI) with *** for every password; other texts as they are.
std::string without_passwords(std::string_view text);

}  // namespace hintd::config
