// The one reader of the telemetry file: every figure anybody sees comes from here.
#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/logged_run.h"
#include "core/result.h"
#include "telemetry/database.h"
#include "telemetry/report.h"

namespace hintd::telemetry {

struct ReportRange {
  std::optional<std::int64_t> run;  // the last one that began, unless given
  std::optional<TimePoint> since;   // leaves out statements, safety events and training before
};

// A read-only connection: works beside a writer and takes nothing from it. Not thread-safe.
class Reader {
 public:
  // kNotFound without the file, kCorrupt when it is not ours or damaged, kConflict when a newer
  // hintd wrote it.
  static Result<Reader> open(const std::filesystem::path& path);

  // One consistent snapshot. kNotFound when there is no such run. Takes about a second and 50 MB
  // for each million statements.
  Result<Report> read_report(const ReportRange& range = {});

  // Statements that were run from `since` on, of all runs, oldest first, of the last `most` that
  // there are; arms numbered as in `arm_names`, others left out.
  Result<std::vector<LoggedRun>> read_runs(
      const std::vector<std::string>& arm_names, TimePoint since = {},
      std::int64_t most = std::numeric_limits<std::int64_t>::max());

  // Texts without literals, by fingerprint.
  Result<std::map<std::uint64_t, std::string>> read_templates();

 private:
  explicit Reader(Database database) : database_(std::move(database)) {}
  Result<Report> read_in_transaction(const ReportRange& range);

  Database database_;
};

}  // namespace hintd::telemetry
