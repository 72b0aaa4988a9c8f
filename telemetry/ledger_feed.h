// Keeps a ledger up to date with a telemetry file that somebody else writes. What was added up is
// kept in a file beside it (the telemetry's name and ".figures"), so that the next reader takes the
// rows since alone; figures of rows that retention has deleted stay in it. Losing that file costs
// time, and those figures.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/ledger.h"

namespace hintd::telemetry {

struct PhaseInfo {
  std::int64_t id = 0;
  std::string name;
  TimePoint started;
};

// What the ledger is about: the last run, and where that is a service's, the service's runs before
// it, since a restart ends nothing.
struct RunInfo {
  std::int64_t first = 0;  // id of the first run
  std::int64_t last = 0;
  std::string command;
  std::string server_version;
  std::string outcome;  // of the last run; empty while it goes on
  TimePoint started;    // of the first
  double duration_days = 0;
  std::int64_t events = 0;
  std::int64_t dropped = 0;
  std::int64_t failed_batches = 0;
  std::vector<PhaseInfo> phases;
};

struct TemplateInfo {
  std::uint64_t fingerprint = 0;
  std::string name;  // the workload's; empty where there is none
  std::string query_class;
  std::string title;  // the beginning of its text
};

// A read-only connection. Not thread-safe.
class LedgerFeed {
 public:
  // Fails as Reader::open. A file without a run is fine: the ledger is empty. Kept figures that are
  // unreadable or of other rows are left alone.
  static Result<LedgerFeed> open(const std::filesystem::path& path);

  // Takes up to `limit` new rows; answers whether more wait. A run that begins anew (another
  // demo in the same file) begins a new ledger.
  Result<bool> read(std::int64_t limit);

  // All that is there now.
  Status read_all();

  // Id of the last row that need not be read, as it was kept; 0: none.
  std::int64_t restored_to() const { return restored_to_; }
  // What keep() writes; made apart, so that the disk is not waited for under a lock.
  std::string kept() const;
  // Fails as replace_file().
  Status keep(const std::string& kept) const;

  const Ledger& ledger() const { return ledger_; }
  const RunInfo& run() const { return run_; }
  // Part of the file's rows that was read, 0..1.
  double progress() const;
  // Names by the file's ids; empty for an id that is not there.
  const std::string& arm(std::int64_t id) const;
  const std::string& reason(std::int64_t id) const;
  const TemplateInfo& template_of(std::int64_t id) const;
  // 0 where there is none.
  std::int64_t template_id(std::uint64_t fingerprint) const;

 private:
  using Names = std::unordered_map<std::int64_t, std::string>;
  LedgerFeed(Database database, std::filesystem::path figures)
      : database_(std::move(database)), figures_(std::move(figures)) {}
  Status read_run();
  // Takes up what was kept, where it is of these rows.
  Status restore();
  Status read_phases();
  Status read_names();
  Status read_templates();
  Result<std::int64_t> read_rows(std::int64_t limit);

  Database database_;
  std::filesystem::path figures_;
  Ledger ledger_;
  TimePoint last_row_;  // its time
  std::int64_t restored_to_ = 0;
  RunInfo run_;
  Names arms_;
  Names reasons_;
  std::unordered_map<std::int64_t, TemplateInfo> templates_;
  std::unordered_map<std::uint64_t, std::int64_t> by_fingerprint_;
  std::int64_t default_arm_ = 0;
  std::int64_t hedged_ = 0;
  std::unordered_set<std::int64_t> measuring_;  // phases without traffic
  std::int64_t end_ = 0;                        // id of the file's last row
};

}  // namespace hintd::telemetry
