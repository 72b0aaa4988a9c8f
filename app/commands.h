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
#include "safety/governance_config.h"

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
  std::filesystem::path workload;  // folder for the demo's statements as .sql files; empty: none
};
int setup(const CommonOptions& common, const SetupCommand& command);

struct DemoCommand {
  std::filesystem::path out;  // empty: data_dir/demo
  bool fast_mode = false;
  bool resume = false;
  std::string scenario;  // a fault to inject, or "list"; empty: the demo itself
};
int demo(const CommonOptions& common, const DemoCommand& command);

// Faults, injected on purpose (app/scenarios.h). Writes scenario_report.json into the folder.
int demo_scenario(const CommonOptions& common, const DemoCommand& command);

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

struct PolicyCommand {
  std::string action;                // list, show, approve, ... (app/cmd_policy.cpp)
  std::uint32_t id = 0;              // 0: PostgreSQL's own planner
  std::string why;                   // of a decision, for the audit log
  std::filesystem::path out;         // where a run kept what it learned; empty: data_dir/demo
  std::filesystem::path file;        // import: the policy
  std::filesystem::path spec;        // check: the governance file; empty: the shipped one's place
  std::filesystem::path statements;  // learn: statements of the traffic; empty: the demo's
};
int policy(const CommonOptions& common, const PolicyCommand& command);

struct AnchorCommand {
  std::string action;  // create, list, compare, drop
  std::string name;
  std::filesystem::path out;  // where a run kept its telemetry; empty: data_dir/demo
};
int anchor(const CommonOptions& common, const AnchorCommand& command);

struct MetaCommand {
  std::filesystem::path out;      // the run whose measurements are replayed; empty: data_dir/demo
  std::filesystem::path against;  // another run, to hold the champion against the settings there
  int generations = 3;
  bool resume = false;  // go on from the run's meta.json
};
int meta(const CommonOptions& common, const MetaCommand& command);

struct DashboardCommand {
  std::filesystem::path out;  // where a run kept its telemetry; empty: data_dir/demo
};
// The page over a run's folder, to look at, until interrupted.
int dashboard_of(const CommonOptions& common, const DashboardCommand& command);

struct TuneCommand {
  std::string workload;  // a .sql file, a folder of them, or pg_stat_statements
  std::string budget = "10m";
  std::filesystem::path out;  // empty: data_dir/tune
  int jobs = 1;               // trials side by side, each on a connection of its own
  bool resume = false;
};
int tune(const CommonOptions& common, const TuneCommand& command);

int config_check(const CommonOptions& common);
int config_show(const CommonOptions& common);
// Every setting, as a manual page or a Markdown table.
int config_manual(bool markdown);

int bench_decision(const CommonOptions& common);
struct BenchTelemetryCommand {
  std::int64_t events = 1'000'000;
};
// False alarms and delays of the regression guard, on made-up latencies.
struct BenchGuardCommand {
  int repetitions = 1000;
  int runs = 10'000;
  int baseline = 128;  // default runs that are known of each template
};
int bench_guard(const CommonOptions& common, const BenchGuardCommand& command);
// Promotions of level 1's gate that are worse than what they replaced, on a made-up server.
struct BenchGateCommand {
  int cycles = 50;
  int repetitions = 20;
  bool live = false;
};
int bench_gate(const CommonOptions& common, const BenchGateCommand& command);
// The dashboard over made-up telemetry, served until interrupted.
struct BenchWebCommand {
  std::int64_t rows = 10'000'000;
  int templates = 10'000;
};
int bench_web(const CommonOptions& common, const BenchWebCommand& command);
int bench_telemetry(const CommonOptions& common, const BenchTelemetryCommand& command);

struct BenchLiveCommand {
  std::string workload;          // as TuneCommand's
  std::filesystem::path policy;  // what hintd tune wrote
  bool oracle = false;           // measure every different plan of each query as well
  int pairs = 5;                 // per query; up to three times as many near the line
};
int bench_live(const CommonOptions& common, const BenchLiveCommand& command);

// Shared by the commands.
int fail_with(const Error& error);
Result<config::Settings> settings_for(const CommonOptions& common);
// policy_spec.yaml of the folder the configuration comes from.
Result<safety::PolicySpec> policy_spec_for(const CommonOptions& common,
                                           const std::filesystem::path& file = {});
// governance.yaml of the folder the configuration comes from.
Result<Governance> governance_for(const CommonOptions& common);
// hints.yaml of the folder the configuration comes from.
Result<HintCatalogue> catalogue_for(const CommonOptions& common, const config::Settings& settings);

}  // namespace hintd::app
