// The list of functions that hinted statements may call (config/governance.yaml).
#pragma once

#include <filesystem>

#include "core/governance.h"
#include "core/result.h"

namespace hintd::config {

// kNotFound when the file cannot be read, kInvalidInput when it is not a list of names under
// 'functions': file, line and remedy.
Result<Governance> load_governance(const std::filesystem::path& file);

}  // namespace hintd::config
