// The folder a command writes its results to.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace hintd::app {

// kUnavailable when it is not there and cannot be made.
Status make_output_folder(const std::filesystem::path& folder);

}  // namespace hintd::app
