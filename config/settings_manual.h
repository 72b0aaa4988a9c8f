// The settings table as people read it; docs/operations.md and the manual page are made of it.
#pragma once

#include <string>

namespace hintd::config {

// A Markdown table of every setting: key, default, what may stand there, how a new value takes
// effect, meaning.
std::string settings_markdown();

// hintd.yaml(5), in man(7)'s language.
std::string settings_manual();

}  // namespace hintd::config
