// The options of the commands: what they share, and those of the larger groups (main.cpp has the
// others).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/bench_proxy.h"
#include "app/bench_replay.h"
#include "app/bench_rules.h"
#include "app/bench_start.h"
#include "app/bench_store.h"
#include "app/commands.h"
#include "app/server_side.h"
#include "app/telemetry_command.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hintd::app {

// What was given. `status` is the exit status of the command that ran.
struct Arguments {
  int status = kExitDone;
  CommonOptions common;
  SetupCommand setup;
  DemoCommand demo;
  ReportCommand report;
  ExplainCommand explain;
  TuneCommand tune;
  ServeCommand serve;
  BenchTelemetryCommand bench_telemetry;
  BenchReplayOptions bench_replay;
  BenchGuardCommand bench_guard;
  BenchGateCommand bench_gate;
  PolicyCommand policy;
  MetaCommand meta;
  AnchorCommand anchor;
  TelemetryCommand telemetry;
  InitRoleCommand init_role;
  bool markdown = false;
  DashboardCommand dashboard;
  BenchWebCommand bench_web;
  BenchLiveCommand bench_live;
  BenchProxyOptions bench_proxy;
  BenchRulesOptions bench_rules;
  BenchStartOptions bench_start;
  BenchStoreOptions bench_store;
};

void add_dsn(CLI::App& command, CommonOptions& common);
// Where the page is served, for the commands that serve it.
void add_http(CLI::App& command, CommonOptions& common);
void add_out(CLI::App& command, std::filesystem::path& out);
// An option that is a setting, and so is held to the range the settings table gives it.
CLI::Option* add_setting(CLI::App& command, CommonOptions& common, const std::string& option,
                         std::vector<std::string> keys, const std::string& help);

// Lets the command take --config, --data-dir and --json, and run `action` for the exit status.
CLI::App* does(CLI::App* command, Arguments& given, std::function<int()> action);

void add_policy(CLI::App& app, Arguments& given);
void add_anchor(CLI::App& app, Arguments& given);
void add_telemetry(CLI::App& app, Arguments& given);
void add_server_side(CLI::App& app, Arguments& given);
void add_bench(CLI::App& app, Arguments& given);

}  // namespace hintd::app
