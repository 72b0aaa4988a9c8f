// Workloads as users have them: a .sql file of statements, a folder of such files, or what
// pg_stat_statements has counted.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "learning/tune/tuner.h"
#include "telemetry/tune_report.h"

namespace hintd::app {

struct LoadedWorkload {
  std::vector<learning::TuneStatement> statements;  // none twice
  std::vector<telemetry::NotTuned> skipped;         // what may not or cannot be run, and why
};

// A source that is no path: what PostgreSQL has counted.
inline constexpr const char* kStatementStatistics = "pg_stat_statements";

// `source` is kStatementStatistics or a path. Statements that are not one read-only SELECT, call
// volatile functions, or have parameters in the place of literals are skipped. kNotFound when there
// is nothing at the path, kInvalidInput when it holds no statement or none that may be run.
Result<LoadedWorkload> load_workload(const std::string& source, const std::string& dsn);

}  // namespace hintd::app
