#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/command_line.h"

namespace {

using namespace hintd::app;

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

// Wrong usage in one line, as every other error is.
std::string usage_error(const CLI::App* app, const CLI::Error& error) {
  const auto unknown = app->remaining(true);
  const bool no_command = error.get_name() == "RequiredError" && !unknown.empty();
  return "hintd: " + (no_command ? unknown.front() + " is no command" : std::string(error.what())) +
         "; see hintd --help\n";
}

int run(int argc, char** argv) {
  Arguments given;
  CLI::App app("hintd makes PostgreSQL faster by itself, and never worse.");
  app.name("hintd");
  app.set_version_flag("--version", HINTD_VERSION);
  app.require_subcommand(1);
  app.failure_message(usage_error);

  auto* setup_command = does(app.add_subcommand("setup", "create and load the demo shop"), given,
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
      does(app.add_subcommand("demo", "learn on a simulated workload, and report"), given, [&] {
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
      given, [&] { return serve(given.common, given.serve); });
  add_dsn(*serve_command, given.common);
  add_setting(*serve_command, given.common, "--listen", {"proxy.listen"}, "host:port for clients");
  add_http(*serve_command, given.common);
  add_setting(*serve_command, given.common, "--mode", {"serve.mode"}, "observe, advise or steer");
  serve_command->add_option("--force-hints", given.serve.force_hints,
                            "for tests: this hint set before every eligible statement");
  does(app.add_subcommand("off", "stop hinting, in the hintd that serves; it goes on relaying"),
       given, [&] { return switch_hints(given.common, false); });
  does(app.add_subcommand("on", "hint again after off"), given,
       [&] { return switch_hints(given.common, true); });

  auto* report_command = does(app.add_subcommand("report", "what a run found, from its telemetry"),
                              given, [&] { return report(given.common, given.report); });
  add_out(*report_command, given.report.out);
  report_command->add_option("--since", given.report.since, "the last part alone, e.g. 24h or 7d");
  report_command->add_option("--format", given.report.format, "text, json or html")
      ->check(CLI::IsMember({"text", "json", "html"}))
      ->capture_default_str();

  add_telemetry(app, given);
  add_server_side(app, given);

  auto* dashboard_command =
      does(app.add_subcommand("dashboard", "the page over a run that was kept"), given,
           [&] { return dashboard_of(given.common, given.dashboard); });
  add_out(*dashboard_command, given.dashboard.out);
  add_http(*dashboard_command, given.common);

  auto* explain_command =
      does(app.add_subcommand("explain", "what would be chosen for a statement, and why"), given,
           [&] { return explain(given.common, given.explain); });
  add_dsn(*explain_command, given.common);
  add_out(*explain_command, given.explain.out);
  explain_command->add_option("sql", given.explain.sql, "the statement")->required();

  add_policy(app, given);
  add_anchor(app, given);

  auto* meta_command = does(
      app.add_subcommand("meta", "search better hyperparameters by replaying what a run measured"),
      given, [&] { return meta(given.common, given.meta); });
  add_out(*meta_command, given.meta.out);
  meta_command->add_option("--against", given.meta.against,
                           "another run's folder: hold the champion against the settings there");
  meta_command->add_option("--generations", given.meta.generations, "of the genetic algorithm")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  meta_command->add_flag("--resume", given.meta.resume, "go on where the search was stopped");

  auto* tune_command = does(app.add_subcommand("tune", "find, prove and write down better plans"),
                            given, [&] { return tune(given.common, given.tune); });
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
  does(config_command->add_subcommand("check", "say every problem"), given,
       [&] { return config_check(given.common); });
  does(config_command->add_subcommand("show", "print what is in force"), given,
       [&] { return config_show(given.common); });
  does(config_command->add_subcommand("manual", "every setting, as a manual page"), given, [&] {
    return config_manual(given.markdown);
  })->add_flag("--markdown", given.markdown, "as a Markdown table");

  add_bench(app, given);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return given.status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail_with({hintd::ErrorKind::kUnavailable,
                      error.path1().string() + ": " + error.code().message(),
                      "give a path that hintd may use"});
  }
}
