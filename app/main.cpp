#include <CLI/CLI.hpp>

#include "app/bench_proxy.h"
#include "app/bench_replay.h"
#include "app/commands.h"

namespace {

using namespace hintd::app;

struct Arguments {
  CommonOptions common;
  SetupCommand setup;
  DemoCommand demo;
  ReportCommand report;
  ExplainCommand explain;
  ServeCommand serve;
  BenchTelemetryCommand bench_telemetry;
  BenchReplayOptions bench_replay;
  BenchProxyOptions bench_proxy;
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

  auto* demo_command = does(app.add_subcommand("demo", "learn on a simulated workload, and report"),
                            [&] { return demo(given.common, given.demo); });
  add_dsn(*demo_command, given.common);
  add_out(*demo_command, given.demo.out);
  add_setting(*demo_command, given.common, "--duration", {"simulation.duration_days"},
              "simulated days");
  add_setting(*demo_command, given.common, "--queries", {"simulation.queries_per_hour"},
              "statements a simulated hour");
  add_setting(*demo_command, given.common, "--scale", {"shop.scale"}, "size of the data");
  add_setting(*demo_command, given.common, "--seed", {"shop.seed", "workload.seed"},
              "of data, traffic and learning");
  add_workload(*demo_command, given.common);
  demo_command->add_flag("--fast-mode", given.demo.fast_mode, "do not wait between statements");
  demo_command->add_flag("--resume", given.demo.resume, "go on with what an earlier run learned");

  auto* serve_command = does(
      app.add_subcommand("serve", "a proxy before PostgreSQL: learn from traffic, and hint it"),
      [&] { return serve(given.common, given.serve); });
  add_dsn(*serve_command, given.common);
  add_setting(*serve_command, given.common, "--listen", {"proxy.listen"}, "host:port for clients");
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

  auto* telemetry_command = app.add_subcommand("telemetry", "the store of what happened");
  telemetry_command->require_subcommand(1);
  add_out(*does(telemetry_command->add_subcommand("summary", "a few lines"),
                [&] { return telemetry_summary(given.common, given.report); }),
          given.report.out);

  auto* explain_command =
      does(app.add_subcommand("explain", "what would be chosen for a statement, and why"),
           [&] { return explain(given.common, given.explain); });
  add_dsn(*explain_command, given.common);
  add_out(*explain_command, given.explain.out);
  explain_command->add_option("sql", given.explain.sql, "the statement")->required();

  auto* config_command = app.add_subcommand("config", "settings");
  config_command->require_subcommand(1);
  does(config_command->add_subcommand("check", "say every problem"),
       [&] { return config_check(given.common); });
  does(config_command->add_subcommand("show", "print what is in force"),
       [&] { return config_show(given.common); });

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
