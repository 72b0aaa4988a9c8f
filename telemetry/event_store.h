// Writes events into the telemetry file, a batch a transaction. Not thread-safe: EventWriter owns
// one and gives it a thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/event.h"
#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/telemetry_config.h"

namespace hintd::telemetry {

// Names that rows point at. Remembers every id it has given out.
class Dictionary {
 public:
  static Result<Dictionary> create(Database& database, const std::string& table);
  // Adds the name when it is new.
  Result<std::int64_t> id(std::string_view name);
  // After a rollback, which may have taken names back.
  void forget() { ids_.clear(); }

 private:
  Dictionary(Statement insert, Statement select)
      : insert_(std::move(insert)), select_(std::move(select)) {}

  Statement insert_;
  Statement select_;
  std::map<std::string, std::int64_t, std::less<>> ids_;
};

// What was lost since the process began.
struct Losses {
  std::int64_t dropped = 0;         // events never stored
  std::int64_t failed_batches = 0;  // transactions that SQLite refused
};

class EventStore {
 public:
  // Opens, creates or migrates the file; fails as Database::open() and prepare_for_writing() do.
  static Result<std::unique_ptr<EventStore>> open(const TelemetryConfig& config);
  ~EventStore();

  // The store's own connection, for maintenance and tests.
  Database& database() { return database_; }

  // Stores all of them or, on failure, none. Events belong to the run that began last; those before
  // any RunStarted get a run without a command, those before any PhaseStarted a phase named after
  // the run's command. Writes the run's losses with them.
  Status write(std::span<const Event> events, const Losses& losses);

 private:
  struct Statements;
  // Where in the stream of events the store is; goes back with a rolled back batch.
  struct Position {
    std::optional<std::int64_t> run;
    std::optional<std::int64_t> phase;
    std::string command;
    std::vector<std::int64_t> arm_ids;  // by the run's arm numbers
    std::int64_t events = 0;            // stored in this run
    Losses before;                      // lost before this run
  };

  EventStore(Database database, Statements statements, Dictionary arms, Dictionary reasons,
             Dictionary errors, int retention_days, bool keep_samples);

  Status write_in_transaction(std::span<const Event> events, const Losses& losses);
  Status store(const RunStarted& event);
  Status store(const PhaseStarted& event);
  Status store(const TemplateSeen& event);
  Status store(const QueryObserved& event);
  Status store(const TrainingStep& event);
  Status store(const PolicyPublished& event);
  Status store(const SafetyEvent& event);
  Status store(const QueryEvaluated& event);
  Status store(const RunFinished& event);

  Result<std::int64_t> run_id(TimePoint time);
  Result<std::int64_t> phase_id(TimePoint time);
  Result<std::int64_t> template_id(std::uint64_t fingerprint);
  Result<std::int64_t> arm_id(ArmId arm);
  Result<std::optional<std::int64_t>> error_id(const std::string& error);
  Status store_counts(const Losses& losses);

  Database database_;
  std::unique_ptr<Statements> statements_;
  Dictionary arms_;
  Dictionary reasons_;
  Dictionary errors_;
  std::unordered_map<std::uint64_t, std::int64_t> templates_;
  int retention_days_;
  bool keep_samples_;
  Position position_;
  Losses losses_;  // as of the batch being written
};

}  // namespace hintd::telemetry
