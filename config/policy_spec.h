// Reads the governance file: what hintd may do at all.
#pragma once

#include <filesystem>

#include "core/result.h"
#include "safety/governance_config.h"

namespace hintd::config {

// kNotFound without the file; kInvalidInput, naming file and line, for rules it does not know,
// values out of range, and bounds that contradict each other.
Result<safety::PolicySpec> load_policy_spec(const std::filesystem::path& file);

}  // namespace hintd::config
