#include "app/command_line.h"

#include <CLI/CLI.hpp>

namespace hintd::app {
namespace {

struct PolicyAction {
  const char* name;
  const char* help;
  bool takes_id;
  bool decides;  // takes --why
};
constexpr PolicyAction kPolicyActions[] = {
    {"learn", "learn a candidate, prove it, deploy or reject it", false, false},
    {"list", "every version, its state, and which one serves", false, false},
    {"show", "one version, as it can be imported again", true, false},
    {"audit", "who decided what, and why", false, false},
    {"approve", "allow a version to serve", true, true},
    {"reject", "do not let a version serve", true, true},
    {"ban", "never let a version serve", true, true},
    {"deploy", "let a version serve; 0: PostgreSQL's own planner", true, true},
    {"pin", "let a version serve and no other, whatever is learned", true, false},
    {"unpin", "let what is learned serve again", false, false},
    {"rollback", "take back what serves: the last good version before it serves", false, true},
    {"check", "hold a version against the governance file", true, false},
    {"import", "add a version that was shown on this server", false, false}};

}  // namespace

void add_dsn(CLI::App& command, CommonOptions& common) {
  command.add_option("--dsn", common.dsn,
                     "database, as libpq takes it; default: the private cluster");
}

CLI::Option* add_setting(CLI::App& command, CommonOptions& common, const std::string& option,
                         std::vector<std::string> keys, const std::string& help) {
  return command.add_option_function<std::string>(
      option,
      [&common, keys](const std::string& value) {
        for (const auto& key : keys) common.settings[key] = value;
      },
      help);
}

void add_http(CLI::App& command, CommonOptions& common) {
  add_setting(command, common, "--http", {"dashboard.http"}, "host:port of the page, or off");
  add_setting(command, common, "--token-file", {"dashboard.token_file"},
              "the token that changes need");
}

void add_out(CLI::App& command, std::filesystem::path& out) {
  command.add_option("--out", out, "folder of the run; default: <data-dir>/demo");
}

CLI::App* does(CLI::App* command, Arguments& given, std::function<int()> action) {
  auto& common = given.common;
  command->add_option("--config", common.config_file,
                      "settings (YAML); default: config/hintd.yaml");
  command->add_option("--data-dir", common.data_dir, "private cluster and what was learned")
      ->capture_default_str();
  command->add_flag("--json", common.json, "print JSON");
  command->callback([&given, action = std::move(action)] { given.status = action(); });
  return command;
}

void add_policy(CLI::App& app, Arguments& given) {
  auto* command = app.add_subcommand("policy", "versions of what was learned");
  command->require_subcommand(1);
  for (const auto& [name, help, takes_id, decides] : kPolicyActions) {
    auto* action = does(command->add_subcommand(name, help), given, [&given, name] {
      given.policy.action = name;
      return policy(given.common, given.policy);
    });
    add_out(*action, given.policy.out);
    if (takes_id) action->add_option("id", given.policy.id, "number of the version")->required();
    if (decides) action->add_option("--why", given.policy.why, "for the audit log");
    const std::string_view which = name;
    if (which == "import")
      action->add_option("file", given.policy.file, "what hintd policy show printed")->required();
    if (which == "check" || which == "learn")
      action->add_option("--spec", given.policy.spec, "governance file; default: policy_spec.yaml");
    if (which == "learn") {
      add_dsn(*action, given.common);
      action->add_option(
          "--statements", given.policy.statements,
          "traffic to try a candidate on, one statement a line; default: the demo's");
    }
  }
}

void add_anchor(CLI::App& app, Arguments& given) {
  auto* command = app.add_subcommand("anchor", "pinned baselines, and what has become of them");
  command->require_subcommand(1);
  struct Action {
    const char* name;
    const char* help;
  };
  for (const auto& [name, help] :
       {Action{"create", "pin how fast every template is now"}, Action{"list", "every anchor"},
        Action{"compare", "what changed since, and whether data or policy did it"},
        Action{"drop", "forget an anchor"}}) {
    auto* action = does(command->add_subcommand(name, help), given, [&given, name] {
      given.anchor.action = name;
      return anchor(given.common, given.anchor);
    });
    add_out(*action, given.anchor.out);
    add_dsn(*action, given.common);
    if (std::string_view(name) != "list")
      action->add_option("name", given.anchor.name, "of the anchor")->required();
  }
}

void add_telemetry(CLI::App& app, Arguments& given) {
  auto* command = app.add_subcommand("telemetry", "the store of what happened");
  command->require_subcommand(1);
  auto* summary = does(command->add_subcommand("summary", "a few lines"), given,
                       [&given] { return telemetry_summary(given.common, given.report); });
  add_out(*summary, given.report.out);
  for (const auto& [name, help] : kTelemetryActions) {
    auto* action = does(command->add_subcommand(name, help), given, [&given, name] {
      given.telemetry.action = name;
      return telemetry_action(given.common, given.telemetry);
    });
    add_out(*action, given.telemetry.out);
    const std::string_view which = name;
    if (which == "verify" || which == "restore")
      action->add_option("file", given.telemetry.file, "the backup; default: the newest");
    if (which == "vacuum")
      action->add_flag("--whole", given.telemetry.whole,
                       "rebuild file and indexes, gather statistics; writers wait for it");
  }
}

void add_server_side(CLI::App& app, Arguments& given) {
  auto* examine =
      does(app.add_subcommand("doctor", "look at a server: what is missing, what it costs"), given,
           [&given] { return doctor(given.common); });
  examine->add_option("--dsn", given.common.dsn, "the server; default: serve.dsn");

  auto* make = app.add_subcommand("init-role", "print the SQL for a role that may watch and read");
  auto& role = given.init_role.role;
  make->add_option("--dsn", given.common.dsn, "the server, as one who may make roles");
  make->add_flag("--apply", given.init_role.apply, "run the SQL");
  make->add_option("--role", role.name, "its name")->capture_default_str();
  make->add_option("--database", role.database, "that it may connect to; default: the DSN's");
  make->add_option("--schema", role.schemas, "whose tables it may read, for exploring")
      ->capture_default_str();
  make->add_flag_callback(
      "--no-exploring", [&role] { role.schemas.clear(); }, "let it read no table");
  make->add_option("--connection-limit", role.connection_limit, "its sessions at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  make->add_option("--statement-timeout-s", role.statement_timeout_s, "of its own statements")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  make->callback([&given] { given.status = init_role(given.common, given.init_role); });
}

}  // namespace hintd::app
