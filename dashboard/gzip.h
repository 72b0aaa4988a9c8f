#pragma once

#include <string>
#include <string_view>

namespace hintd::dashboard {

std::string gzip(std::string_view bytes);
// Of what gzip() made; empty for anything else.
std::string gunzip(std::string_view bytes);

}  // namespace hintd::dashboard
