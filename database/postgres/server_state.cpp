#include "database/postgres/server_state.h"

#include <cstdlib>

namespace hintd::database {
namespace {

constexpr const char* kServerState = R"(
  SELECT pg_postmaster_start_time()::text,
         (SELECT md5(coalesce(string_agg(line, ',' ORDER BY line), '')) FROM (
            SELECT a.attrelid::regclass || '.' || a.attname || ':' || a.atttypid AS line
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            UNION ALL
            SELECT indexdef FROM pg_indexes
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')) AS lines),
         (SELECT max(greatest(last_analyze, last_autoanalyze))::text FROM pg_stat_user_tables),
         (SELECT count(*) FROM pg_stat_activity
          WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'))";

constexpr const char* kConnections = R"(
  SELECT count(*) / current_setting('max_connections')::float8
  FROM pg_stat_activity WHERE backend_type = 'client backend')";

}  // namespace

Result<ServerState> read_server_state(Connection& connection) {
  HINTD_TRY(const auto rows, connection.query(kServerState));
  const auto& row = rows.at(0);
  return ServerState{row.at(0).value_or(""), row.at(1).value_or(""), row.at(2).value_or(""),
                     std::atof(row.at(3).value_or("0").c_str())};
}

Result<double> connections_in_use(Connection& connection) {
  HINTD_TRY(const auto rows, connection.query(kConnections));
  return std::atof(rows.at(0).at(0).value_or("0").c_str());
}

std::vector<ServerChange> changes(const ServerState& before, const ServerState& after) {
  std::vector<ServerChange> found;
  if (before.started != after.started) found.push_back({"server_restarted", after.started});
  if (before.schema_hash != after.schema_hash)
    found.push_back({"schema_changed", "a column or an index came or went"});
  if (before.analyzed != after.analyzed) found.push_back({"analyzed", after.analyzed});
  const double then = before.backends + 1;
  const double now = after.backends + 1;
  if (now > 2 * then || then > 2 * now)
    found.push_back({"load_changed", std::to_string(static_cast<int>(before.backends)) + " to " +
                                         std::to_string(static_cast<int>(after.backends)) +
                                         " active backends"});
  return found;
}

}  // namespace hintd::database
