#include "telemetry/maintenance.h"

#include <algorithm>

#include "telemetry/query_plans.h"
#include "telemetry/rollup.h"
#include "telemetry/schema.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

constexpr std::int64_t kPagesAtOnce = 1000;

TimePoint days_before(TimePoint now, int days) {
  return now - std::chrono::days{days};
}

Result<std::vector<TableSize>> table_sizes(Database& database) {
  HINTD_TRY(auto rows, database.prepare("SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN "
                                        "sqlite_schema s ON s.name = d.name WHERE d.aggregate = 1 "
                                        "GROUP BY 1 ORDER BY 2 DESC"));
  std::vector<TableSize> tables;
  HINTD_TRY_STATUS(rows.for_each([&](const Statement& row) {
    tables.push_back({std::string(row.text(0)), row.integer(1)});
  }));
  return tables;
}

}  // namespace

double StoreStats::fragmentation() const {
  return bytes == 0 ? 0
                    : static_cast<double>(free_bytes + unused_bytes) / static_cast<double>(bytes);
}

Result<Maintenance> Maintenance::open(const TelemetryConfig& config) {
  // Read-only first: a file that is not there is not made.
  HINTD_TRY_STATUS(Database::open(config.path, Database::Access::kReadOnly));
  HINTD_TRY(auto database, Database::open(config.path, Database::Access::kReadWrite));
  HINTD_TRY_STATUS(prepare_for_writing(database));
  return Maintenance(std::move(database), config);
}

Result<Cleaned> Maintenance::clean_up(TimePoint now, const std::function<bool()>& keep_going) {
  Cleaned cleaned;
  HINTD_TRY(cleaned.rolled_up, roll_up(database_, config_.batch_size));
  if (config_.retention_days > 0) {
    const auto before = days_before(now, config_.retention_days);
    HINTD_TRY(cleaned.observations, delete_old(kOldObservationsSql, before, keep_going));
    HINTD_TRY(cleaned.training_steps, delete_old(kOldTrainingSql, before, keep_going));
    HINTD_TRY(cleaned.safety_events, delete_old(kOldSafetyEventsSql, before, keep_going));
  }
  const std::pair<RollupWidth, int> kept[] = {{RollupWidth::kMinute, config_.minute_days},
                                              {RollupWidth::kHour, config_.hour_days},
                                              {RollupWidth::kDay, config_.day_days}};
  for (const auto& [width, days] : kept) {
    if (days == 0) continue;
    HINTD_TRY(const auto deleted, delete_old(kOldRollupsSql, days_before(now, days), keep_going,
                                             static_cast<std::int64_t>(width)));
    cleaned.rollups += deleted;
  }
  return cleaned;
}

Result<std::int64_t> Maintenance::delete_old(const char* sql, TimePoint before,
                                             const std::function<bool()>& keep_going,
                                             std::int64_t width_s) {
  HINTD_TRY(auto statement, database_.prepare(sql));
  std::int64_t total = 0;
  while (keep_going()) {
    const auto deleted = delete_batch(statement, before, width_s);
    if (!deleted) {
      database_.rollback();
      return deleted;
    }
    if (*deleted == 0) break;
    total += *deleted;
  }
  return total;
}

Result<std::int64_t> Maintenance::delete_batch(Statement& statement, TimePoint before,
                                               std::int64_t width_s) {
  HINTD_TRY_STATUS(database_.execute("BEGIN IMMEDIATE"));
  const auto limit = static_cast<std::int64_t>(config_.batch_size);
  const auto time = micros(before);
  HINTD_TRY_STATUS(width_s == 0 ? statement.run(time, limit) : statement.run(time, limit, width_s));
  const auto deleted = database_.changes();
  // Ids of deleted rows are given out again.
  HINTD_TRY_STATUS(
      database_.execute("UPDATE rollup_state SET observation = min(observation, (SELECT "
                        "coalesce(max(id), 0) FROM observations))"));
  HINTD_TRY_STATUS(database_.execute("COMMIT"));
  return deleted;
}

Result<std::int64_t> Maintenance::vacuum(bool whole) {
  HINTD_TRY(const auto page, database_.integer("PRAGMA page_size"));
  HINTD_TRY(const auto before, database_.integer("PRAGMA page_count"));
  if (whole) {
    HINTD_TRY_STATUS(database_.execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM"));
  } else {
    const auto step = "PRAGMA incremental_vacuum(" + std::to_string(kPagesAtOnce) + ")";
    for (std::int64_t left = -1;;) {
      HINTD_TRY(const auto free, database_.integer("PRAGMA freelist_count"));
      if (free == 0 || free == left) break;
      left = free;
      HINTD_TRY_STATUS(database_.execute(step.c_str()));
    }
  }
  // Cutting the log to nothing would hold up a writer that serves.
  HINTD_TRY_STATUS(database_.execute(whole ? "PRAGMA wal_checkpoint(TRUNCATE)"
                                           : "PRAGMA wal_checkpoint(PASSIVE)"));
  HINTD_TRY(const auto after, database_.integer("PRAGMA page_count"));
  return page * (before - after);
}

Result<std::vector<std::string>> Maintenance::check() {
  return problems_in(database_);
}

Status Maintenance::analyze() {
  // As many rows of each index as give a planner a fair idea; a whole scan would take minutes.
  return database_.execute("PRAGMA analysis_limit = 1000; ANALYZE");
}

Status Maintenance::reindex() {
  return database_.execute("REINDEX");
}

Result<StoreStats> Maintenance::stats() {
  StoreStats stats;
  HINTD_TRY(const auto page, database_.integer("PRAGMA page_size"));
  HINTD_TRY(const auto pages, database_.integer("PRAGMA page_count"));
  HINTD_TRY(const auto free, database_.integer("PRAGMA freelist_count"));
  stats.bytes = page * pages;
  stats.free_bytes = page * free;
  std::error_code no_wal;
  const auto wal = std::filesystem::file_size(database_.path() + "-wal", no_wal);
  stats.wal_bytes = no_wal ? 0 : static_cast<std::int64_t>(wal);
  HINTD_TRY(stats.unused_bytes,
            database_.integer("SELECT coalesce(sum(unused), 0) FROM dbstat WHERE aggregate = 1"));
  HINTD_TRY(stats.tables, table_sizes(database_));
  HINTD_TRY(stats.observations, database_.integer("SELECT count(*) FROM observations"));
  HINTD_TRY(stats.not_rolled_up,
            database_.integer("SELECT count(*) FROM observations WHERE id > (SELECT observation "
                              "FROM rollup_state)"));
  HINTD_TRY(stats.schema_version, database_.integer("PRAGMA user_version"));
  return stats;
}

Result<std::vector<std::string>> problems_in(Database& database) {
  std::vector<std::string> problems;
  HINTD_TRY(auto integrity, database.prepare("PRAGMA integrity_check(100)"));
  HINTD_TRY_STATUS(integrity.for_each([&](const Statement& row) {
    if (row.text(0) != "ok") problems.emplace_back(row.text(0));
  }));
  HINTD_TRY(auto keys, database.prepare("PRAGMA foreign_key_check"));
  HINTD_TRY_STATUS(keys.for_each([&](const Statement& row) {
    if (problems.size() < 100)
      problems.push_back("row " + std::to_string(row.integer(1)) + " of " +
                         std::string(row.text(0)) + " points at a row of " +
                         std::string(row.text(2)) + " that is not there");
  }));
  return problems;
}

}  // namespace hintd::telemetry
