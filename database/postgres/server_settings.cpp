#include "database/postgres/server_settings.h"

namespace hintd::database {
namespace {

constexpr const char* kSettings = R"(
  SELECT name, current_setting(name), setting IS DISTINCT FROM boot_val
  FROM pg_settings
  WHERE category LIKE 'Query Tuning%'
     OR name IN ('shared_buffers', 'work_mem', 'hash_mem_multiplier', 'maintenance_work_mem',
                 'temp_buffers', 'effective_io_concurrency', 'max_worker_processes',
                 'max_parallel_workers', 'max_parallel_workers_per_gather', 'fsync',
                 'synchronous_commit', 'autovacuum', 'track_io_timing')
  ORDER BY name)";

}  // namespace

Result<ServerSettings> read_server_settings(Connection& connection) {
  HINTD_TRY(const auto version, connection.query("SHOW server_version"));
  HINTD_TRY(const auto rows, connection.query(kSettings));
  ServerSettings answer;
  answer.version = version.at(0).at(0).value_or("");
  for (const auto& row : rows)
    answer.settings.push_back({row[0].value_or(""), row[1].value_or(""), row[2] == "t"});
  return answer;
}

Result<std::string> read_server_identity(Connection& connection) {
  HINTD_TRY(const auto rows,
            connection.query("SELECT current_database() || '@' || system_identifier "
                             "FROM pg_control_system()"));
  return rows.at(0).at(0).value_or("");
}

Status make_reading_role(const std::string& dsn, const std::string& name) {
  HINTD_TRY(auto connection, Connection::open({dsn, std::chrono::seconds(5), false}));
  HINTD_TRY_STATUS(connection.query("DO $do$ BEGIN CREATE ROLE \"" + name +
                                    "\" NOLOGIN; EXCEPTION WHEN duplicate_object THEN "
                                    "NULL; END $do$; GRANT pg_read_all_data TO \"" +
                                    name + "\""));
  return {};
}

Result<ValidatedCatalogue> validate_catalogue(Connection& connection,
                                              const HintCatalogue& catalogue) {
  std::vector<HintSet> accepted;
  std::vector<RefusedHintSet> refused;
  for (const auto& set : catalogue.sets()) {
    const auto tried = connection.query(set.set_local_sql() + "SELECT 1");
    if (tried) {
      accepted.push_back(set);
    } else if (tried.error().kind == ErrorKind::kQuery) {
      refused.push_back({set.name, tried.error().message});
    } else {
      return tl::unexpected(tried.error());
    }
  }
  HINTD_TRY(auto rest, HintCatalogue::create(std::move(accepted)));
  return ValidatedCatalogue{std::move(rest), std::move(refused)};
}

}  // namespace hintd::database
