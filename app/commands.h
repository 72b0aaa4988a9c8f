// One function per command of the program; each answers the exit status: 0 done, 1 failed, 2 wrong
// usage. What went wrong has been said on stderr, in one line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "config/settings.h"
#include "core/governance.h"
#include "core/hint_set.h"
#include "core/result.h"

namespace hintd::app {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// What every command takes.
struct CommonOptions {
  std::optional<std::filesystem::path> config_file;  // none: the defaults and the environment
  std::filesystem::path data_dir = "data";           // private cluster, telemetry, what was learned
  std::string dsn;                                   // empty: the private cluster
  bool json = false;
  config::Overrides settings;  // by key, from options such as --scale
};

struct SetupCommand {
  bool verify = false;
  bool replace = false;
};
int setup(const CommonOptions& common, const SetupCommand& command);

struct DemoCommand {
  std::filesystem::path out;  // empty: data_dir/demo
  bool fast_mode = false;
  bool resume = false;
};
int demo(const CommonOptions& common, const DemoCommand& command);

struct ReportCommand {
  std::filesystem::path out;    // where a run kept its telemetry; empty: data_dir/demo
  std::string since;            // "24h", "7d"; empty: the whole run
  std::string format = "text";  // text, json, html
};
int report(const CommonOptions& common, const ReportCommand& command);
int telemetry_summary(const CommonOptions& common, const ReportCommand& command);

struct ServeCommand {
  std::string force_hints;  // a hint set put before every eligible statement; empty: the policy's
};
int serve(const CommonOptions& common, const ServeCommand& command);
// The kill switch of the hintd that serves with this data folder.
int switch_hints(const CommonOptions& common, bool on);

struct ExplainCommand {
  std::string sql;
  std::filesystem::path out;  // where a run kept what it learned; empty: data_dir/demo
};
int explain(const CommonOptions& common, const ExplainCommand& command);

int config_check(const CommonOptions& common);
int config_show(const CommonOptions& common);

int bench_decision(const CommonOptions& common);
struct BenchTelemetryCommand {
  std::int64_t events = 1'000'000;
};
int bench_telemetry(const CommonOptions& common, const BenchTelemetryCommand& command);

// Shared by the commands.
int fail_with(const Error& error);
Result<config::Settings> settings_for(const CommonOptions& common);
// governance.yaml of the folder the configuration comes from.
Result<Governance> governance_for(const CommonOptions& common);
// hints.yaml of the folder the configuration comes from.
Result<HintCatalogue> catalogue_for(const CommonOptions& common, const config::Settings& settings);

}  // namespace hintd::app
