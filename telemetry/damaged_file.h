#pragma once

#include <filesystem>
#include <optional>

#include "core/result.h"

namespace hintd::telemetry {

// Renames a telemetry file that SQLite cannot use, and what belongs to it, to a free name beside it
// ("telemetry.sqlite.damaged", "... .damaged-2"), from which sqlite3's `.recover` may still read.
// Nobody may have it open for writing. Answers the new name. kUnavailable when it cannot be
// renamed.
Result<std::filesystem::path> set_aside(const std::filesystem::path& path);

// The same where the file is there and is damaged or none of ours; answers nothing where it is
// fine or absent. Damage inside is met later, when it is read.
Result<std::optional<std::filesystem::path>> set_aside_if_damaged(
    const std::filesystem::path& path);

}  // namespace hintd::telemetry
