#include "app/bench_rules.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "learning/policy/memory_file.h"
#include "learning/policy/rule_evaluation.h"

namespace hintd::app {
namespace {

using learning::RuleFigures;
using nlohmann::json;

json to_json(const RuleFigures& figures) {
  const double could_be = figures.default_ms - figures.best_ms;
  return {{"searched", figures.searched},
          {"hinted", figures.hinted},
          {"unknown", figures.unknown},
          {"observed", figures.observed},
          {"captured", figures.captured()},
          {"lost_without_rule", could_be > 0 ? figures.lost_without_rule_ms / could_be : 0},
          {"slower_share", figures.slower_share()},
          {"taken_over_slower", figures.taken_over_slower}};
}

void print(const std::string& name, const RuleFigures& figures) {
  std::printf("%8d %8d %8d %8d  %7.1f %%  %6.2f %%  %4d  %s\n", figures.searched, figures.hinted,
              figures.unknown, figures.observed, 100 * figures.captured(),
              100 * figures.slower_share(), figures.taken_over_slower, name.c_str());
}

Result<int> measure(const CommonOptions& common, const BenchRulesOptions& options) {
  HINTD_TRY(auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  HINTD_TRY(const auto spec, policy_spec_for(common, ""));
  settings.rules.max_risk = spec.max_risk;
  const learning::RuleLearner learner(settings.rules);
  RuleFigures all;
  json by_folder = json::array();
  if (!common.json) std::printf("searched   hinted  unknown observed  captured    slower  over\n");
  for (const auto& folder : options.folders) {
    HINTD_TRY(const auto stored, learning::load_memory(folder / "memory.ckpt", catalogue));
    const auto figures = learning::cross_validate(learner, stored.memory);
    all += figures;
    by_folder.push_back({{"folder", folder.string()}, {"figures", to_json(figures)}});
    if (!common.json) print(folder.string(), figures);
  }
  if (common.json)
    std::printf("%s\n", json{{"all", to_json(all)}, {"folders", by_folder}}.dump(2).c_str());
  else
    print("all", all);
  return kExitDone;
}

}  // namespace

int bench_rules(const CommonOptions& common, const BenchRulesOptions& options) {
  const auto status = measure(common, options);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
