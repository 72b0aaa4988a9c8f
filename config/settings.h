// Every setting of hintd: one YAML file, overridden by the environment. Which settings there are,
// and what each may be, stands in config/settings_table.cpp.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/log.h"
#include "core/optimizer.h"
#include "core/result.h"
#include "dashboard/dashboard_config.h"
#include "database/demo/shop_config.h"
#include "database/demo/simulation_config.h"
#include "database/demo/workload_config.h"
#include "learning/agent/agent_config.h"
#include "learning/explore/live_explorer_config.h"
#include "learning/meta/meta_config.h"
#include "learning/policy/level1_config.h"
#include "learning/policy/rule_config.h"
#include "learning/policy/unseen_config.h"
#include "proxy/proxy_config.h"
#include "safety/safety_config.h"
#include "telemetry/telemetry_config.h"

namespace hintd::config {

// What `hintd serve` does with the traffic.
struct ServeConfig {
  // The database, as libpq takes it; "none": the private cluster of the data folder.
  std::string dsn = "none";
  Mode mode = Mode::kObserve;
  // Part of the time in which the explorer may run statements of its own. 0..1.
  double explore_share = 0.1;
  double inline_share = 0;
};

struct Settings {
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::string hints_profile = "default";  // of config/hints.yaml
  database::demo::ShopRecipe shop;
  database::demo::WorkloadConfig workload;
  database::demo::SimulationConfig simulation;
  ServeConfig serve;
  proxy::ProxyConfig proxy;
  learning::AgentConfig agent;
  learning::LiveExplorerConfig explorer;
  learning::RuleConfig rules;
  learning::UnseenConfig unseen;
  learning::Level1Config level1;
  learning::MetaConfig level2;
  safety::SafetyConfig safety;
  telemetry::TelemetryConfig telemetry;
  dashboard::DashboardConfig dashboard;
};

// HINTD_LEARNING_AGENT_HEADS=5 overrides learning.agent.heads: values by variable name. With _FILE
// at its end a variable names a file that holds the value: for secrets.
using Environment = std::map<std::string, std::string>;
// The process's own variables that begin with HINTD_.
Environment environment();

// What the command line sets, as text by dotted key.
using Overrides = std::map<std::string, std::string>;

// The file's settings over the defaults, the environment's over both, and the overrides over all.
// kNotFound without the file; kInvalidInput when anything in it (or in the environment) is wrong:
// the message then has one line for each problem, with place, key, value and remedy.
Result<Settings> load_settings(const std::filesystem::path& file, const Environment& environment,
                               const Overrides& overrides = {});
// The same without a file.
Result<Settings> settings_from(const Environment& environment, const Overrides& overrides = {});

// Every setting as it is in force. As YAML with its meaning and range, which load_settings reads
// again: config/hintd.yaml is that of the defaults. As JSON by dotted key, for telemetry. Passwords
// are masked in both.
std::string to_yaml(const Settings& settings);
std::string to_json(const Settings& settings);

}  // namespace hintd::config
