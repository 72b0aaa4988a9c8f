// Whole files through zstd, with its checksum of the content.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace hintd::telemetry {

// Both replace `to`, and sync it. kNotFound when `from` cannot be read, kExhausted when `to` cannot
// be written to its end. What then stands at `to` is of no use.
Status compress_file(const std::filesystem::path& from, const std::filesystem::path& to, int level);
// kCorrupt when `from` is not a whole zstd file or its checksum is wrong.
Status decompress_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace hintd::telemetry
