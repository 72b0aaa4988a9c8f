#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/scenarios.h"
#include "core/durable_file.h"

namespace hintd::app {
namespace {

using nlohmann::json;

int list(bool as_json) {
  json names = json::array();
  for (const auto& scenario : scenarios()) {
    if (as_json)
      names.push_back({{"name", scenario.name}, {"what", scenario.what}});
    else
      std::printf("%-20s %s\n", std::string(scenario.name).c_str(),
                  std::string(scenario.what).c_str());
  }
  if (as_json) std::printf("%s\n", names.dump(2).c_str());
  return kExitDone;
}

json report_of(const Scenario& scenario, const ScenarioRun& run) {
  const auto& figures = run.figures();
  json checks = json::array();
  bool passed = true;
  for (const auto& [what, holds] : run.expectations()) {
    checks.push_back({{"what", what}, {"passed", holds}});
    passed = passed && holds;
  }
  return {{"scenario", scenario.name},
          {"queries", figures.queries},
          {"failed_queries", figures.failed_queries},
          {"default_ms", figures.default_ms},
          {"lost_ms", figures.lost_ms},
          {"won_ms", figures.won_ms},
          {"slow_runs_max_per_template", figures.most_slow_runs()},
          {"rolled_back_after_runs",
           figures.rolled_back_after_runs ? json(*figures.rolled_back_after_runs) : json(nullptr)},
          {"checks", checks},
          {"passed", passed}};
}

void print_verdict(const json& report) {
  std::printf("%s: %lld queries, %lld failed\n", report["scenario"].get<std::string>().c_str(),
              report["queries"].get<long long>(), report["failed_queries"].get<long long>());
  std::printf("  lost %.0f ms and won %.0f ms under hints, of %.0f ms under the default\n",
              report["lost_ms"].get<double>(), report["won_ms"].get<double>(),
              report["default_ms"].get<double>());
  std::printf("  at most %d slow runs of a template; ",
              report["slow_runs_max_per_template"].get<int>());
  if (report["rolled_back_after_runs"].is_null())
    std::puts("no rollback");
  else
    std::printf("rolled back after %lld runs under hints\n",
                report["rolled_back_after_runs"].get<long long>());
  for (const auto& check : report["checks"])
    std::printf("  %s  %s\n", check["passed"].get<bool>() ? "yes" : "NO ",
                check["what"].get<std::string>().c_str());
  std::puts(report["passed"].get<bool>() ? "passed" : "NOT passed");
}

Status make_folder(const std::filesystem::path& out) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (!error) return {};
  return fail(ErrorKind::kUnavailable,
              "cannot make the folder " + out.string() + ": " + error.message(),
              "choose another one with --out");
}

Result<int> play(const CommonOptions& common, const DemoCommand& command,
                 const Scenario& scenario) {
  HINTD_TRY(auto settings, settings_for(common));
  HINTD_TRY(const auto wanted, catalogue_for(common, settings));
  HINTD_TRY(auto spec, policy_spec_for(common));
  settings.rules.max_risk = spec.max_risk;
  const auto out = command.out.empty() ? common.data_dir / "scenario" : command.out;
  HINTD_TRY_STATUS(make_folder(out));
  HINTD_TRY_STATUS(log_to_files(out, settings.log_level));
  catch_interrupts();
  Progress progress(common.json);
  // Of its own: what it does to the data must not stay in the demo's shop.
  HINTD_TRY(auto database, DemoDatabase::open(common.dsn, common.data_dir, progress, "scenario"));
  HINTD_TRY(auto accepted, accepted_catalogue(database.dsn(), wanted));
  HINTD_TRY(auto run,
            ScenarioRun::open({settings, std::move(accepted.catalogue), std::move(spec), out},
                              database, progress));
  progress.say(std::string(scenario.name) + ": " + std::string(scenario.what));
  HINTD_TRY_STATUS(scenario.play(*run));
  HINTD_TRY_STATUS(run->check_loss());
  const auto report = report_of(scenario, *run);
  HINTD_TRY_STATUS(replace_file(out / "scenario_report.json", report.dump(2) + "\n"));
  if (common.json)
    std::printf("%s\n", report.dump(2).c_str());
  else
    print_verdict(report);
  return report["passed"].get<bool>() ? kExitDone : kExitFailed;
}

}  // namespace

int demo_scenario(const CommonOptions& common, const DemoCommand& command) {
  if (command.scenario == "list") return list(common.json);
  const auto all = scenarios();
  const auto it = std::find_if(all.begin(), all.end(), [&](const auto& scenario) {
    return scenario.name == command.scenario;
  });
  if (it == all.end())
    return fail_with(Error{ErrorKind::kInvalidInput,
                           "there is no scenario '" + command.scenario + "'",
                           "see hintd demo --scenario list"});
  const auto status = play(common, command, *it);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
