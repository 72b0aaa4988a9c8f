#include <CLI/CLI.hpp>

#include "app/bench_proxy.h"
#include "app/bench_replay.h"
#include "app/bench_start.h"
#include "app/bench_store.h"
#include "app/commands.h"
#include "app/server_side.h"
#include "app/telemetry_command.h"

namespace {

using namespace hintd::app;

struct Arguments {
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
  BenchStartOptions bench_start;
  BenchStoreOptions bench_store;
};

void add_common(CLI::App& command, CommonOptions& common) {
  command.add_option("--config", common.config_file, "settings (YAML); default: config/hintd.yaml");
  command.add_option("--data-dir", common.data_dir, "private cluster and what was learned")
      ->capture_default_str();
  command.add_flag("--json", common.json, "print JSON");
}

void add_dsn(CLI::App& command, CommonOptions& common) {
  command.add_option("--dsn", common.dsn,
                     "database, as libpq takes it; default: the private cluster");
}

// An option that is a setting, and so is held to the range the settings table gives it.
CLI::Option* add_setting(CLI::App& command, CommonOptions& common, const std::string& option,
                         std::vector<std::string> keys, const std::string& help) {
  return command.add_option_function<std::string>(
      option,
      [&common, keys](const std::string& value) {
        for (const auto& key : keys) common.settings[key] = value;
      },
      help);
}

// --workload: the usual shares of a kind.
void add_workload(CLI::App& command, CommonOptions& common) {
  command
      .add_option_function<std::string>(
          "--workload",
          [&common](const std::string& name) {
            using namespace hintd::database::demo;
            const auto shares = class_shares(*workload_kind_named(name));
            for (std::size_t i = 0; i < kQueryClasses; ++i)
              common.settings["workload.shares." +
                              std::string(to_string(static_cast<QueryClass>(i)))] =
                  std::to_string(shares[i]);
          },
          "mixed, analytical or oltp")
      ->check(CLI::IsMember({"mixed", "analytical", "oltp"}));
}

// Where the page is served, for the commands that serve it.
void add_http(CLI::App& command, CommonOptions& common) {
  add_setting(command, common, "--http", {"dashboard.http"}, "host:port of the page, or off");
  add_setting(command, common, "--token-file", {"dashboard.token_file"},
              "the token that changes need");
}

void add_out(CLI::App& command, std::filesystem::path& out) {
  command.add_option("--out", out, "folder of the run; default: <data-dir>/demo");
}

// Wrong usage in one line, as every other error is.
std::string usage_error(const CLI::App* app, const CLI::Error& error) {
  const auto unknown = app->remaining(true);
  const bool no_command = error.get_name() == "RequiredError" && !unknown.empty();
  return "hintd: " + (no_command ? unknown.front() + " is no command" : std::string(error.what())) +
         "; see hintd --help\n";
}

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

void add_policy(CLI::App& app, Arguments& given, int& status) {
  auto* command = app.add_subcommand("policy", "versions of what was learned");
  command->require_subcommand(1);
  for (const auto& [name, help, takes_id, decides] : kPolicyActions) {
    auto* action = command->add_subcommand(name, help);
    add_common(*action, given.common);
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
    action->callback([&given, &status, name] {
      given.policy.action = name;
      status = policy(given.common, given.policy);
    });
  }
}

void add_anchor(CLI::App& app, Arguments& given, int& status) {
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
    auto* action = command->add_subcommand(name, help);
    add_common(*action, given.common);
    add_out(*action, given.anchor.out);
    add_dsn(*action, given.common);
    if (std::string_view(name) != "list")
      action->add_option("name", given.anchor.name, "of the anchor")->required();
    action->callback([&given, &status, name] {
      given.anchor.action = name;
      status = anchor(given.common, given.anchor);
    });
  }
}

void add_telemetry(CLI::App& app, Arguments& given, int& status) {
  auto* command = app.add_subcommand("telemetry", "the store of what happened");
  command->require_subcommand(1);
  auto* summary = command->add_subcommand("summary", "a few lines");
  add_common(*summary, given.common);
  add_out(*summary, given.report.out);
  summary->callback([&given, &status] { status = telemetry_summary(given.common, given.report); });
  for (const auto& [name, help] : kTelemetryActions) {
    auto* action = command->add_subcommand(name, help);
    add_common(*action, given.common);
    add_out(*action, given.telemetry.out);
    const std::string_view which = name;
    if (which == "verify" || which == "restore")
      action->add_option("file", given.telemetry.file, "the backup; default: the newest");
    if (which == "vacuum")
      action->add_flag("--whole", given.telemetry.whole,
                       "rebuild file and indexes, gather statistics; writers wait for it");
    action->callback([&given, &status, name] {
      given.telemetry.action = name;
      status = telemetry_action(given.common, given.telemetry);
    });
  }
}

void add_server_side(CLI::App& app, Arguments& given, int& status) {
  auto* examine = app.add_subcommand("doctor", "look at a server: what is missing, what it costs");
  add_common(*examine, given.common);
  examine->add_option("--dsn", given.common.dsn, "the server; default: serve.dsn");
  examine->callback([&given, &status] { status = doctor(given.common); });

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
  make->callback([&given, &status] { status = init_role(given.common, given.init_role); });
}

int run(int argc, char** argv) {
  Arguments given;
  int status = kExitDone;
  CLI::App app("hintd makes PostgreSQL faster by itself, and never worse.");
  app.name("hintd");
  app.set_version_flag("--version", HINTD_VERSION);
  app.require_subcommand(1);
  app.failure_message(usage_error);
  const auto does = [&](CLI::App* command, auto action) {
    add_common(*command, given.common);
    command->callback([&status, action] { status = action(); });
    return command;
  };

  auto* setup_command = does(app.add_subcommand("setup", "create and load the demo shop"),
                             [&] { return setup(given.common, given.setup); });
  add_dsn(*setup_command, given.common);
  add_setting(*setup_command, given.common, "--scale", {"shop.scale"},
              "size; 1 is about 10 million rows");
  add_setting(*setup_command, given.common, "--seed", {"shop.seed"}, "of the data");
  setup_command->add_flag("--verify", given.setup.verify, "check what stands, change nothing");
  setup_command->add_flag("--replace", given.setup.replace,
                          "drop another shop, load beside other tables");
  setup_command->add_option("--workload", given.setup.workload,
                            "folder to write the demo's statements to, for hintd tune");

  auto* demo_command =
      does(app.add_subcommand("demo", "learn on a simulated workload, and report"), [&] {
        return given.demo.scenario.empty() ? demo(given.common, given.demo)
                                           : demo_scenario(given.common, given.demo);
      });
  add_dsn(*demo_command, given.common);
  add_out(*demo_command, given.demo.out);
  add_setting(*demo_command, given.common, "--duration", {"simulation.duration_days"},
              "simulated days");
  add_setting(*demo_command, given.common, "--queries", {"simulation.queries_per_hour"},
              "statements a simulated hour");
  add_setting(*demo_command, given.common, "--scale", {"shop.scale"}, "size of the data");
  add_setting(*demo_command, given.common, "--seed", {"shop.seed", "workload.seed"},
              "of data, traffic and learning")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{9'000'000'000'000'000}));
  add_workload(*demo_command, given.common);
  add_http(*demo_command, given.common);
  demo_command->add_flag("--fast-mode", given.demo.fast_mode, "do not wait between statements");
  demo_command->add_option("--scenario", given.demo.scenario,
                           "inject a fault and say what was lost; list: name them");
  demo_command->add_flag("--resume", given.demo.resume, "go on with what an earlier run learned");

  auto* serve_command = does(
      app.add_subcommand("serve", "a proxy before PostgreSQL: learn from traffic, and hint it"),
      [&] { return serve(given.common, given.serve); });
  add_dsn(*serve_command, given.common);
  add_setting(*serve_command, given.common, "--listen", {"proxy.listen"}, "host:port for clients");
  add_http(*serve_command, given.common);
  add_setting(*serve_command, given.common, "--mode", {"serve.mode"}, "observe, advise or steer");
  serve_command->add_option("--force-hints", given.serve.force_hints,
                            "for tests: this hint set before every eligible statement");
  does(app.add_subcommand("off", "stop hinting, in the hintd that serves; it goes on relaying"),
       [&] { return switch_hints(given.common, false); });
  does(app.add_subcommand("on", "hint again after off"),
       [&] { return switch_hints(given.common, true); });

  auto* report_command = does(app.add_subcommand("report", "what a run found, from its telemetry"),
                              [&] { return report(given.common, given.report); });
  add_out(*report_command, given.report.out);
  report_command->add_option("--since", given.report.since, "the last part alone, e.g. 24h or 7d");
  report_command->add_option("--format", given.report.format, "text, json or html")
      ->check(CLI::IsMember({"text", "json", "html"}))
      ->capture_default_str();

  add_telemetry(app, given, status);
  add_server_side(app, given, status);

  auto* dashboard_command =
      does(app.add_subcommand("dashboard", "the page over a run that was kept"),
           [&] { return dashboard_of(given.common, given.dashboard); });
  add_out(*dashboard_command, given.dashboard.out);
  add_http(*dashboard_command, given.common);

  auto* explain_command =
      does(app.add_subcommand("explain", "what would be chosen for a statement, and why"),
           [&] { return explain(given.common, given.explain); });
  add_dsn(*explain_command, given.common);
  add_out(*explain_command, given.explain.out);
  explain_command->add_option("sql", given.explain.sql, "the statement")->required();

  add_policy(app, given, status);
  add_anchor(app, given, status);

  auto* meta_command = does(
      app.add_subcommand("meta", "search better hyperparameters by replaying what a run measured"),
      [&] { return meta(given.common, given.meta); });
  add_out(*meta_command, given.meta.out);
  meta_command->add_option("--against", given.meta.against,
                           "another run's folder: hold the champion against the settings there");
  meta_command->add_option("--generations", given.meta.generations, "of the genetic algorithm")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  meta_command->add_flag("--resume", given.meta.resume, "go on where the search was stopped");

  auto* tune_command = does(app.add_subcommand("tune", "find, prove and write down better plans"),
                            [&] { return tune(given.common, given.tune); });
  add_dsn(*tune_command, given.common);
  tune_command
      ->add_option("--workload", given.tune.workload,
                   "a .sql file, a folder of them, or pg_stat_statements")
      ->required();
  tune_command->add_option("--budget", given.tune.budget, "time for everything, e.g. 90s, 10m, 2h")
      ->capture_default_str();
  add_setting(*tune_command, given.common, "--arms", {"hints.profile"},
              "profile of hints.yaml; default: default");
  tune_command->add_option("--out", given.tune.out,
                           "folder of policy and report; default: <data-dir>/tune");
  tune_command
      ->add_option("--jobs", given.tune.jobs,
                   "trials to run side by side; defaults and proofs are measured alone")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  tune_command->add_flag("--resume", given.tune.resume, "go on with what an earlier run measured");

  auto* config_command = app.add_subcommand("config", "settings");
  config_command->require_subcommand(1);
  does(config_command->add_subcommand("check", "say every problem"),
       [&] { return config_check(given.common); });
  does(config_command->add_subcommand("show", "print what is in force"),
       [&] { return config_show(given.common); });
  does(config_command->add_subcommand("manual", "every setting, as a manual page"), [&] {
    return config_manual(given.markdown);
  })->add_flag("--markdown", given.markdown, "as a Markdown table");

  auto* bench_command = app.add_subcommand("bench", "the figures of docs/benchmarks.md");
  bench_command->require_subcommand(1);
  does(bench_command->add_subcommand("decision", "time of a decision for a known template"),
       [&] { return bench_decision(given.common); });
  auto* replay_command =
      does(bench_command->add_subcommand("replay", "explore a measured latency matrix"), [&] {
        given.bench_replay.json = given.common.json;
        return bench_replay(given.bench_replay);
      });
  auto& replay = given.bench_replay;
  replay_command->add_option("--matrix", replay.matrix, "latencies, CSV")->required();
  replay_command->add_option("--strategy", replay.strategy, "random, greedy, limeqo or hintd")
      ->capture_default_str();
  replay_command->add_option("--seeds", replay.seeds, "replays, with seeds 1, 2, ...")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  replay_command->add_option("--until", replay.until, "end, in total default latencies")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  replay_command->add_option("--trace", replay.trace, "folder for a trace of each seed");
  replay_command->add_option("--noise", replay.noise_sd, "of each execution, log-normal")
      ->check(CLI::Range(0.0, 3.0))
      ->capture_default_str();
  replay_command->add_flag("--bootstrap", replay.bootstrap, "draw the rows anew for each seed");
  auto* web_command = does(
      bench_command->add_subcommand("web", "the dashboard over made-up telemetry, until Ctrl-C"),
      [&] { return bench_web(given.common, given.bench_web); });
  add_http(*web_command, given.common);
  web_command->add_option("--rows", given.bench_web.rows, "statements in the telemetry")
      ->check(CLI::Range(1'000, 1'000'000'000))
      ->capture_default_str();
  web_command->add_option("--templates", given.bench_web.templates, "templates in the telemetry")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();

  auto* guard_command =
      does(bench_command->add_subcommand("guard",
                                         "how soon a regression is found, and how often "
                                         "one is where there is none"),
           [&] { return bench_guard(given.common, given.bench_guard); });
  guard_command->add_option("--repetitions", given.bench_guard.repetitions, "of each case")
      ->check(CLI::Range(10, 1'000'000))
      ->capture_default_str();
  guard_command->add_option("--baseline", given.bench_guard.baseline, "default runs that are known")
      ->check(CLI::Range(5, 128))
      ->capture_default_str();
  guard_command->add_option("--runs", given.bench_guard.runs, "of each repetition, at most")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  auto* gate_command =
      does(bench_command->add_subcommand("gate", "promotions that are worse than their parent"),
           [&] { return bench_gate(given.common, given.bench_gate); });
  gate_command->add_option("--cycles", given.bench_gate.cycles, "learning cycles in a row")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  gate_command->add_option("--repetitions", given.bench_gate.repetitions, "of all of them")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  add_dsn(*gate_command, given.common);
  gate_command->add_flag("--live", given.bench_gate.live,
                         "on the demo's database, once, instead of made-up servers");
  auto* live_command = does(
      bench_command->add_subcommand("live", "a policy against the default, on a live database"),
      [&] { return bench_live(given.common, given.bench_live); });
  auto& live = given.bench_live;
  add_dsn(*live_command, given.common);
  live_command->add_option("--workload", live.workload, "as for hintd tune")->required();
  live_command->add_option("--policy", live.policy, "policy.json of hintd tune")->required();
  add_setting(*live_command, given.common, "--arms", {"hints.profile"},
              "profile of hints.yaml for the oracle; default: default");
  live_command->add_flag("--oracle", live.oracle, "measure every different plan as well");
  live_command->add_option("--pairs", live.pairs, "runs of each side per query")
      ->check(CLI::Range(5, 1000))
      ->capture_default_str();
  auto* proxy_command =
      does(bench_command->add_subcommand("proxy", "the proxy beside PgBouncer"), [&] {
        given.bench_proxy.dsn = given.common.dsn;
        given.bench_proxy.data_dir = given.common.data_dir;
        given.bench_proxy.json = given.common.json;
        return bench_proxy(given.bench_proxy);
      });
  add_dsn(*proxy_command, given.common);
  proxy_command->add_option("--rounds", given.bench_proxy.rounds, "runs of each contestant")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  proxy_command->add_option("--seconds", given.bench_proxy.seconds, "of each run")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  proxy_command
      ->add_option("--idle-clients", given.bench_proxy.idle_clients,
                   "also the memory for that many idle connections")
      ->check(CLI::Range(0, 10000));
  auto* start_command = does(
      bench_command->add_subcommand("start", "hintd serve until it is ready, with much to restore"),
      [&] { return bench_start(given.common, given.bench_start); });
  add_dsn(*start_command, given.common);
  start_command->add_option("--templates", given.bench_start.templates, "measured ones")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  start_command->add_option("--policies", given.bench_start.policies, "versions")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  start_command->add_option("--repetitions", given.bench_start.repetitions, "starts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  auto* store_command =
      does(bench_command->add_subcommand("store", "telemetry's file: batches, queries, a backup"),
           [&] { return bench_store(given.common, given.bench_store); });
  store_command->add_option("--rows", given.bench_store.rows, "raw statements, over a year")
      ->check(CLI::Range(10'000, 100'000'000))
      ->capture_default_str();
  does(bench_command->add_subcommand("telemetry", "events stored a second"),
       [&] { return bench_telemetry(given.common, given.bench_telemetry); })
      ->add_option("--events", given.bench_telemetry.events, "how many")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv);
}
