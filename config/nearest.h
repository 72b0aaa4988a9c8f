#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hintd::config {

// The candidate that somebody who wrote `word` may have meant; empty when none is near. By edit
// distance, at most a third of the word.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace hintd::config
