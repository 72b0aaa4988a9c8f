// The one reader of the telemetry file: every figure anybody sees comes from here.
#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/logged_run.h"
#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/ledger_feed.h"
#include "telemetry/report.h"
#include "telemetry/traffic_report.h"

namespace hintd::telemetry {

// A read-only connection: works beside a writer and takes nothing from it. Not thread-safe.
class Reader {
 public:
  // kNotFound without the file, kCorrupt when it is not ours or damaged, kConflict when a newer
  // hintd wrote it.
  static Result<Reader> open(const std::filesystem::path& path);

  // The last run, with the service's runs before it where it is a service's. A range leaves out
  // statements, safety events and training before it; traffic's figures begin with the whole bucket
  // that it begins in. kNotFound without a run. Takes about a second and 50 MB for each million
  // statements of the range.
  Result<Report> read_report(Range range = {});
  // The same from that moment on.
  Result<Report> read_report(TimePoint since);

  // Statements that were run from `since` on, of all runs, oldest first, of the last `most` that
  // there are; arms numbered as in `arm_names`, others left out.
  Result<std::vector<LoggedRun>> read_runs(
      const std::vector<std::string>& arm_names, TimePoint since = {},
      std::int64_t most = std::numeric_limits<std::int64_t>::max());

  // Texts without literals, by fingerprint.
  Result<std::map<std::uint64_t, std::string>> read_templates();
  // Statements as they came, by fingerprint, where telemetry.keep_samples asked for them.
  Result<std::map<std::uint64_t, std::string>> read_samples();

 private:
  Reader(Database database, LedgerFeed feed)
      : database_(std::move(database)), feed_(std::move(feed)) {}
  Result<Report> read_in_transaction(Range range, std::optional<TimePoint> since);

  Database database_;
  LedgerFeed feed_;
};

}  // namespace hintd::telemetry
