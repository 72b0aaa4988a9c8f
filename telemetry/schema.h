// The tables of the telemetry file, and the way from each older version to the present one.
// Versions are SQLite's user_version; application_id tells our files from other programs'.
#pragma once

#include <cstdint>

#include "telemetry/database.h"

namespace hintd::telemetry {

inline constexpr std::int64_t kApplicationId = 0x68696e74;  // "hint"
inline constexpr std::int64_t kSchemaVersion = 4;

// kCorrupt when the file is another application's, or empty; kConflict when a newer hintd wrote it.
// Changes nothing.
Status check_schema(Database& database);

// Makes an empty file ours and brings an older one up to date, in one transaction. Fails as
// check_schema() does, and then leaves the file as it was. Also sets what a writing connection
// needs: WAL, foreign keys.
Status prepare_for_writing(Database& database);

}  // namespace hintd::telemetry
