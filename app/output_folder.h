// The folder a command writes its results to.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"

namespace hintd::app {

// kUnavailable when it is not there and cannot be made.
Status make_output_folder(const std::filesystem::path& folder);

// kExhausted when the file cannot be written.
Status write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace hintd::app
