// Keeps the telemetry file small, sound and fast. Works beside the daemon: what writes takes short
// transactions. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/telemetry_config.h"

namespace hintd::telemetry {

struct TableSize {
  std::string name;
  std::int64_t bytes = 0;  // with its indexes
};

struct StoreStats {
  std::int64_t bytes = 0;       // of the file
  std::int64_t free_bytes = 0;  // of those, pages that hold nothing
  std::int64_t wal_bytes = 0;
  std::int64_t unused_bytes = 0;   // within pages that hold something
  std::vector<TableSize> tables;   // largest first
  std::int64_t observations = 0;   // rows
  std::int64_t not_rolled_up = 0;  // statements that no rollup holds yet
  std::int64_t schema_version = 0;

  double fragmentation() const;  // free and unused part of the file, 0..1
};

struct Cleaned {
  std::int64_t rolled_up = 0;
  std::int64_t observations = 0;
  std::int64_t training_steps = 0;
  std::int64_t safety_events = 0;
  std::int64_t rollups = 0;
};

// What SQLite's integrity and foreign key checks object to; empty: the file is sound. 100 lines at
// most.
Result<std::vector<std::string>> problems_in(Database& database);

class Maintenance {
 public:
  // Fails as EventStore::open() does; kNotFound without the file. Brings an older file up to date.
  static Result<Maintenance> open(const TelemetryConfig& config);

  // Sums up what is new, then deletes what is older than the retention allows, telemetry.batch_size
  // rows a transaction. `keep_going` is asked between transactions.
  Result<Cleaned> clean_up(TimePoint now, const std::function<bool()>& keep_going);

  // Gives free pages back to the file system, some at a time; answers the bytes. `whole` rebuilds
  // the file (needs twice its size for a while, and keeps writers waiting): also makes files of
  // older versions able to do the small step.
  Result<std::int64_t> vacuum(bool whole);

  // As problems_in().
  Result<std::vector<std::string>> check();

  // Statistics for SQLite's planner; rebuilt indexes.
  Status analyze();
  Status reindex();

  Result<StoreStats> stats();

 private:
  Maintenance(Database database, TelemetryConfig config)
      : database_(std::move(database)), config_(std::move(config)) {}
  Result<std::int64_t> delete_old(const char* sql, TimePoint before,
                                  const std::function<bool()>& keep_going,
                                  std::int64_t width_s = 0);
  Result<std::int64_t> delete_batch(Statement& statement, TimePoint before, std::int64_t width_s);

  Database database_;
  TelemetryConfig config_;
};

}  // namespace hintd::telemetry
