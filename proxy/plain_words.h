// A short text of a user's as its words alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hintd::proxy {

// Longer ones say nothing to the proxy.
inline constexpr std::size_t kLongestPlain = 100;

// Lower case, what separates words (spaces, quotes, an equals sign) as one space, without the
// semicolon at the end.
std::string plain_words(std::string_view text);

}  // namespace hintd::proxy
