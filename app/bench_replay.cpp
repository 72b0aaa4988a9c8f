#include "app/bench_replay.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/progress.h"
#include "learning/explore/confirmation.h"
#include "learning/explore/replay.h"

namespace hintd::app {
namespace {

using learning::ConfirmationReport;
using learning::LatencyMatrix;

struct Mark {
  const char* name;
  double x;
};
constexpr Mark kMarks[] = {{"0.1", 0.1}, {"0.25", 0.25}, {"0.5", 0.5}, {"1", 1}, {"2", 2}};

struct SeedResult {
  std::vector<double> at_marks;
  double mean_until = 0;
  double model_s = 0;
  std::size_t executions = 0;
  ConfirmationReport confirmation;
};

Status check(const BenchReplayOptions& options) {
  if (options.seeds < 1)
    return fail(ErrorKind::kInvalidInput, "--seeds is " + std::to_string(options.seeds),
                "set it to 1 or more");
  if (!(options.until > 0) || !std::isfinite(options.until))
    return fail(ErrorKind::kInvalidInput, "--until is " + std::to_string(options.until),
                "set it above 0, e.g. 2");
  if (!(options.noise_sd >= 0) || options.noise_sd > 2)
    return fail(ErrorKind::kInvalidInput, "--noise is " + std::to_string(options.noise_sd),
                "set it to 0..2, e.g. 0.2");
  return {};
}

Status write_trace(const BenchReplayOptions& options, int seed, const LatencyMatrix& matrix,
                   const std::vector<learning::TraceLine>& trace) {
  if (options.trace.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(options.trace, error);
  const auto file = options.trace / (options.strategy + "_" + std::to_string(seed) + ".csv");
  std::ofstream out(file);
  learning::write_trace(out, matrix, trace);
  if (!out.flush())
    return fail(ErrorKind::kUnavailable, file.string() + " cannot be written",
                "give --trace a folder that can be written to");
  return {};
}

Result<SeedResult> replay_seed(const BenchReplayOptions& options, const LatencyMatrix& measured,
                               int seed, Progress& progress) {
  const Rng rng(static_cast<std::uint64_t>(seed));
  Rng rows = rng.split("rows");
  const auto matrix = options.bootstrap ? learning::bootstrap_rows(measured, rows) : measured;
  const auto problem = learning::problem_of(matrix);
  HINTD_TRY(const auto strategy,
            learning::make_strategy(options.strategy, problem, rng.split("strategy")));

  learning::ReplayRules rules;
  rules.until = options.until;
  rules.noise_sd = options.noise_sd;
  const auto run =
      learning::replay(matrix, problem, *strategy, rules, rng.split("noise"), [&](double x) {
        char line[120];
        std::snprintf(line, sizeof line, "replay %s: seed %d of %d, x = %.2f of %.2f %s",
                      options.strategy.c_str(), seed, options.seeds, x, options.until,
                      bar((seed - 1 + std::min(1.0, x / options.until)) / options.seeds).c_str());
        progress.update(line);
      });
  HINTD_TRY_STATUS(write_trace(options, seed, matrix, run.trace));

  const learning::Curve curve(matrix, run.trace);
  SeedResult result;
  for (const auto& [name, x] : kMarks)
    if (x <= options.until) result.at_marks.push_back(curve.at(x));
  result.mean_until = curve.mean_until(options.until);
  result.model_s = run.model_s;
  result.executions = run.trace.size();
  if (options.noise_sd > 0)
    result.confirmation =
        learning::confirm_winners(matrix, run.trace, options.noise_sd, rng.split("confirmation"));
  return result;
}

template <class Pick>
nlohmann::json spread(const std::vector<SeedResult>& results, Pick pick) {
  const auto n = static_cast<double>(results.size());
  std::vector<double> values;
  double mean = 0;
  for (const auto& result : results) {
    values.push_back(pick(result));
    mean += values.back() / n;
  }
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {{"mean", mean}, {"sd", n > 1 ? std::sqrt(squares / (n - 1)) : 0}, {"per_seed", values}};
}

nlohmann::json noise_figures(const std::vector<SeedResult>& results, double noise_sd) {
  const auto of = [&results](auto field) {
    return spread(results, [field](const SeedResult& r) {
      return static_cast<double>(r.confirmation.*field);
    });
  };
  return {{"sd", noise_sd},
          {"winners", of(&ConfirmationReport::winners)},
          {"confirmed", of(&ConfirmationReport::confirmed)},
          {"worse_unconfirmed", of(&ConfirmationReport::worse_before)},
          {"worse_confirmed", of(&ConfirmationReport::worse_after)},
          {"true_unconfirmed_s", of(&ConfirmationReport::workload_before_s)},
          {"true_confirmed_s", of(&ConfirmationReport::workload_after_s)},
          {"confirmation_s", of(&ConfirmationReport::charge_s)}};
}

nlohmann::json figures_of(const BenchReplayOptions& options, const LatencyMatrix& matrix,
                          const std::vector<SeedResult>& results) {
  nlohmann::json at = nlohmann::json::object();
  for (std::size_t i = 0; i < results.front().at_marks.size(); ++i)
    at[kMarks[i].name] = spread(results, [i](const SeedResult& r) { return r.at_marks[i]; });
  nlohmann::json figures = {
      {"strategy", options.strategy},
      {"queries", matrix.seconds.size()},
      {"default_s", matrix.default_total()},
      {"seeds", options.seeds},
      {"until", options.until},
      {"bootstrap", options.bootstrap},
      {"arm_effects_from", matrix.effect_sources},
      {"x", at},
      {"auc", spread(results, [](const auto& r) { return r.mean_until; })["mean"]},
      {"model_s", spread(results, [](const auto& r) { return r.model_s; })["mean"]},
      {"executions",
       spread(results, [](const auto& r) { return static_cast<double>(r.executions); })["mean"]}};
  if (options.noise_sd > 0) figures["noise"] = noise_figures(results, options.noise_sd);
  return figures;
}

void print_replay(const nlohmann::json& figures, bool as_json) {
  if (as_json) {
    std::cout << figures.dump(2) << '\n';
    return;
  }
  std::printf("%s: %zu queries, default %.1f s, %d seeds\n",
              figures["strategy"].get<std::string>().c_str(), figures["queries"].get<std::size_t>(),
              figures["default_s"].get<double>(), figures["seeds"].get<int>());
  for (const auto& [x, value] : figures["x"].items())
    std::printf("  x = %-5s %9.1f s  (sd %.1f)\n", x.c_str(), value["mean"].get<double>(),
                value["sd"].get<double>());
  std::printf("  mean over x %.1f s, model time %.1f s a run\n", figures["auc"].get<double>(),
              figures["model_s"].get<double>());
  if (figures.contains("noise"))
    for (const auto& [name, value] : figures["noise"].items())
      if (value.is_object())
        std::printf("  %-20s %.1f\n", name.c_str(), value["mean"].get<double>());
}

}  // namespace

int bench_replay(const BenchReplayOptions& options) {
  if (const auto usable = check(options); !usable) {
    fail_with(usable.error());
    return kExitUsage;
  }
  const auto matrix = learning::read_latency_matrix(options.matrix);
  if (!matrix) return fail_with(matrix.error());
  Progress progress(false);
  std::vector<SeedResult> results;
  for (int seed = 1; seed <= options.seeds; ++seed) {
    auto result = replay_seed(options, *matrix, seed, progress);
    if (!result) return fail_with(result.error());
    results.push_back(std::move(*result));
  }
  print_replay(figures_of(options, *matrix, results), options.json);
  return kExitDone;
}

}  // namespace hintd::app
