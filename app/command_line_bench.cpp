#include "app/command_line.h"

#include <CLI/CLI.hpp>

namespace hintd::app {

void add_bench(CLI::App& app, Arguments& given) {
  auto* bench_command = app.add_subcommand("bench", "the figures of docs/benchmarks.md");
  bench_command->require_subcommand(1);
  does(bench_command->add_subcommand("decision", "time of a decision for a known template"), given,
       [&] { return bench_decision(given.common); });
  auto* replay_command = does(
      bench_command->add_subcommand("replay", "explore a measured latency matrix"), given, [&] {
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
  auto* rules_command =
      does(bench_command->add_subcommand(
               "rules", "what rules are worth on statements left out, by plan memories"),
           given, [&] { return bench_rules(given.common, given.bench_rules); });
  rules_command
      ->add_option("folders", given.bench_rules.folders, "of demos or services (memory.ckpt)")
      ->required();
  auto* web_command = does(
      bench_command->add_subcommand("web", "the dashboard over made-up telemetry, until Ctrl-C"),
      given, [&] { return bench_web(given.common, given.bench_web); });
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
           given, [&] { return bench_guard(given.common, given.bench_guard); });
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
           given, [&] { return bench_gate(given.common, given.bench_gate); });
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
      given, [&] { return bench_live(given.common, given.bench_live); });
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
      does(bench_command->add_subcommand("proxy", "the proxy beside PgBouncer"), given, [&] {
        given.bench_proxy.dsn = given.common.dsn;
        given.bench_proxy.data_dir = given.common.data_dir;
        given.bench_proxy.json = given.common.json;
        return bench_proxy(given.bench_proxy);
      });
  add_dsn(*proxy_command, given.common);
  proxy_command
      ->add_option("--rounds", given.bench_proxy.rounds,
                   "runs of each contestant; 0: none, only what else is asked for")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  proxy_command->add_option("--seconds", given.bench_proxy.seconds, "of each run")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  proxy_command
      ->add_option("--idle-clients", given.bench_proxy.idle_clients,
                   "also the memory for that many idle connections")
      ->check(CLI::Range(0, 10000));
  proxy_command->add_flag(
      "--bulk", given.bench_proxy.bulk,
      "also 10,000 connections, a COPY of 1 GB out and in, and a row of 100 MB");
  auto* start_command = does(
      bench_command->add_subcommand("start", "hintd serve until it is ready, with much to restore"),
      given, [&] { return bench_start(given.common, given.bench_start); });
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
           given, [&] { return bench_store(given.common, given.bench_store); });
  store_command->add_option("--rows", given.bench_store.rows, "raw statements, over a year")
      ->check(CLI::Range(10'000, 100'000'000))
      ->capture_default_str();
  does(bench_command->add_subcommand("telemetry", "events stored a second"), given,
       [&] { return bench_telemetry(given.common, given.bench_telemetry); })
      ->add_option("--events", given.bench_telemetry.events, "how many")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
}

}  // namespace hintd::app
