// Statements whose regression was found and mended, on disk: no candidate may bring it back. They
// are kept by the hashes of their literals; one statement and arm a line.
#pragma once

#include <filesystem>
#include <vector>

#include "core/result.h"
#include "learning/policy/policy_validator.h"

namespace hintd::learning {

// None without a file; lines that a kill cut short are left out.
std::vector<PinnedQuery> load_pins(const std::filesystem::path& path);

// Those that are pinned already are not added again. Errors as append_line.
Status add_pins(const std::filesystem::path& path, const std::vector<PinnedQuery>& pins);

}  // namespace hintd::learning
