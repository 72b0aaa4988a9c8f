// hintd.mode, by which a session turns its hints off and on: a setting that the server takes as one
// of its own and keeps for nobody; hintd reads it on its way. It is not transactional.
#pragma once

#include <optional>
#include <string_view>

namespace hintd::proxy {

enum class HintMode {
  kOff,
  kOn,
  kDefault,  // as the session began
  kUnknown,  // a value that says neither
};

// For who gave another value.
inline constexpr const char* kHintModes = "Available values: on, off.";

// "off", "false", "no", "0", "observe", "advise"; "on", "true", "yes", "1", "steer".
HintMode hint_mode_from(std::string_view value);

// "set hintd.mode = off", "reset hintd.mode", "reset all"; nothing for any other text.
std::optional<HintMode> hint_mode_set_by(std::string_view text);

// "-c hintd.mode=off" among the options of a startup packet; nothing where it is not there.
std::optional<HintMode> hint_mode_in_options(std::string_view options);

}  // namespace hintd::proxy
