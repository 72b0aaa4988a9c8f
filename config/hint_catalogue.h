// Hint sets as a file keeps them: named profiles, each a catalogue (config/hints.yaml).
#pragma once

#include <filesystem>
#include <string_view>

#include "core/hint_set.h"
#include "core/result.h"

namespace hintd::config {

// kNotFound when the file cannot be read or has no such profile, kInvalidInput when it is not YAML
// or a set of the profile is wrong: file, line and remedy.
Result<HintCatalogue> load_catalogue(const std::filesystem::path& file, std::string_view profile);

}  // namespace hintd::config
