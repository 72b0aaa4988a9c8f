// The statements that lists and charts read with, where a test can have SQLite explain them: none
// may scan a table that grows.
#pragma once

namespace hintd::telemetry {

// width_s, template_id, from, to, limit
inline constexpr const char* kSeriesSql =
    "SELECT start, hinted, queries, failures, timed_out, total_us, sketch FROM rollups "
    "WHERE width_s = ? AND template_id = ? AND start >= ? AND start < ? "
    "ORDER BY start, hinted LIMIT ?";

// from, to, limit. From the index alone: rows hold sketches, which are many pages.
inline constexpr const char* kHeaviestSql =
    "SELECT t.id, t.fingerprint, t.name, r.queries, r.total_us FROM "
    "(SELECT template_id, sum(queries) AS queries, sum(total_us) AS total_us "
    "FROM rollups INDEXED BY rollups_start "
    "WHERE width_s = 86400 AND start >= ? AND start < ? AND template_id > 0 "
    "GROUP BY template_id ORDER BY 3 DESC, 1 LIMIT ?) r "
    "JOIN templates t ON t.id = r.template_id ORDER BY r.total_us DESC, t.id";

// Cleaning up, a batch at a time: before, limit
inline constexpr const char* kOldObservationsSql =
    "DELETE FROM observations WHERE id IN "
    "(SELECT id FROM observations WHERE time < ? ORDER BY time LIMIT ?)";
inline constexpr const char* kOldTrainingSql =
    "DELETE FROM training_steps WHERE id IN "
    "(SELECT id FROM training_steps WHERE time < ? ORDER BY time LIMIT ?)";
inline constexpr const char* kOldSafetyEventsSql =
    "DELETE FROM safety_events WHERE id IN "
    "(SELECT id FROM safety_events WHERE time < ? ORDER BY time LIMIT ?)";
// before, limit, width_s
inline constexpr const char* kOldRollupsSql =
    "DELETE FROM rollups WHERE (width_s, template_id, start, hinted) IN "
    "(SELECT width_s, template_id, start, hinted FROM rollups "
    "WHERE width_s = ?3 AND start < ?1 ORDER BY start LIMIT ?2)";

}  // namespace hintd::telemetry
