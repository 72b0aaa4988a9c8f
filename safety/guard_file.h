// The supervisor's state in a file, replaced whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "safety/guard_state.h"

namespace hintd::safety {

// `arms` are the catalogue's names by number. Fails as replace_file.
Status save_guards(const std::filesystem::path& path, const GuardState& state,
                   const std::vector<std::string>& arms);

// kNotFound without the file, kCorrupt for one that is damaged or of another version. Of a file
// whose arms are others the templates' default runs alone count.
Result<GuardState> load_guards(const std::filesystem::path& path,
                               const std::vector<std::string>& arms);

}  // namespace hintd::safety
