#include "app/server_gauges.h"

#include <cstdlib>

namespace hintd::app {
namespace {

constexpr auto kFresh = std::chrono::seconds(5);

constexpr const char* kQuestion =
    "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), "
    "current_setting('max_connections'), "
    "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = "
    "'active' AND pid <> pg_backend_pid()), "
    "d.blks_hit::float8 / greatest(d.blks_hit + d.blks_read, 1), "
    "pg_database_size(d.datname), d.temp_bytes, d.deadlocks "
    "FROM pg_stat_database d WHERE d.datname = current_database()";

}  // namespace

std::vector<Gauge> ServerGauges::gauges() {
  const std::lock_guard lock(mutex_);
  if (since_asked_ && since_asked_->elapsed() < kFresh) return last_;
  since_asked_.emplace();
  auto found = read();
  if (!found) connection_.reset();
  last_ = found ? std::move(*found) : std::vector<Gauge>{};
  return last_;
}

Result<std::vector<Gauge>> ServerGauges::read() {
  if (!connection_) {
    HINTD_TRY(auto connection, database::Connection::open({dsn_}));
    connection_.emplace(std::move(connection));
  }
  HINTD_TRY(const auto rows, connection_->query(kQuestion));
  if (rows.empty()) return std::vector<Gauge>{};
  const auto number = [&](std::size_t column) {
    return std::strtod(rows[0][column].value_or("0").c_str(), nullptr);
  };
  return std::vector<Gauge>{{"postgresql_connections", number(0), number(1)},
                            {"postgresql_active_statements", number(2), 0},
                            {"postgresql_cache_hit_ratio", number(3), 0},
                            {"postgresql_database_bytes", number(4), 0},
                            {"postgresql_temporary_files_bytes", number(5), 0},
                            {"postgresql_deadlocks", number(6), 0}};
}

}  // namespace hintd::app
