#include "database/postgres/measured_on.h"

#include "database/postgres/server_settings.h"

namespace hintd::database {
namespace {

constexpr const char* kSchema = R"(
  WITH relations AS (
    SELECT c.oid, c.relkind, n.nspname, c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
  SELECT md5(coalesce(string_agg(line, chr(10) ORDER BY line COLLATE "C"), '')) FROM (
    SELECT concat_ws(' ', nspname, relname, relkind, attname, format_type(atttypid, atttypmod),
                     attnotnull) AS line
    FROM relations JOIN pg_attribute a ON a.attrelid = oid
    WHERE relkind IN ('r', 'p', 'm', 'v', 'f') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT pg_get_indexdef(oid) FROM relations WHERE relkind IN ('i', 'I')) AS lines)";

constexpr const char* kStatistics = R"(
  SELECT md5(coalesce(string_agg(line, chr(10) ORDER BY line COLLATE "C"), '')) FROM (
    SELECT concat_ws(' ', n.nspname, c.relname,
                     round(log(2.0, greatest(c.reltuples, 1)::numeric), 1)) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND c.relkind IN ('r', 'p', 'm')) AS lines)";

}  // namespace

Result<MeasuredOn> read_measured_on(Connection& connection) {
  HINTD_TRY(const auto server, read_server_settings(connection));
  HINTD_TRY(const auto schema, connection.query(kSchema));
  HINTD_TRY(const auto statistics, connection.query(kStatistics));
  MeasuredOn on;
  on.server_version = server.version;
  for (const auto& setting : server.settings)
    if (setting.changed) on.settings.push_back({setting.name, setting.value});
  on.schema = schema.at(0).at(0).value_or("");
  on.statistics = statistics.at(0).at(0).value_or("");
  return on;
}

}  // namespace hintd::database
