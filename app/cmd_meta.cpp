#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/house_operations.h"
#include "app/interrupt.h"
#include "app/meta_search.h"
#include "app/progress.h"
#include "app/wiring.h"
#include "core/durable_file.h"
#include "learning/meta/meta_learner.h"
#include "learning/policy/memory_file.h"

namespace hintd::app {
namespace {

using learning::Comparison;
using learning::Fitness;
using learning::MetaLearner;
using learning::MetaReplay;
using nlohmann::json;

constexpr std::uint64_t kComparisonSeeds = 9'000'000;  // that no search uses

Result<MetaReplay> replay_of(const std::filesystem::path& folder, const HintCatalogue& catalogue,
                             int pairs) {
  HINTD_TRY(auto stored, learning::load_memory(Learned(folder).memory, catalogue));
  auto names = names_of(catalogue);
  return MetaReplay::create(std::move(stored.memory), std::move(names), pairs);
}

json json_of(const Fitness& fitness) {
  return {{"gain_captured", fitness.speed},
          {"regressed", fitness.regressed},
          {"tail_ratio", fitness.tail},
          {"cpu_s", fitness.cpu_s},
          {"score", learning::score(fitness)}};
}

json json_of(const Comparison& comparison) {
  return {{"seeds", comparison.seeds},
          {"difference", comparison.difference},
          {"lower", comparison.lower},
          {"challenger", json_of(comparison.a)},
          {"champion", json_of(comparison.b)}};
}

std::string text_of(const Fitness& fitness) {
  char text[120];
  std::snprintf(text, sizeof text,
                "gain %.1f %%, regressed %.1f %%, tail %.2fx, %.2f s, score %.3f",
                100 * fitness.speed, 100 * fitness.regressed, fitness.tail, fitness.cpu_s,
                learning::score(fitness));
  return text;
}

void print(const std::string& what, const Comparison& comparison) {
  std::printf("%s, %d seeds\n  challenger  %s\n  champion    %s\n", what.c_str(), comparison.seeds,
              text_of(comparison.a).c_str(), text_of(comparison.b).c_str());
  std::printf("  difference %.3f, at least %.3f: %s\n", comparison.difference, comparison.lower,
              comparison.lower > 0 ? "the challenger is better" : "not shown to be better");
}

Result<int> evolve(const CommonOptions& common, const MetaCommand& command) {
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  const auto folder = command.out.empty() ? common.data_dir / "demo" : command.out;
  HINTD_TRY(const auto replay, replay_of(folder, catalogue, settings.level2.pairs));
  HINTD_TRY(auto learner, MetaLearner::create(settings.level2, shipped(settings), replay,
                                              Rng(settings.workload.seed).split("meta")));
  const auto checkpoint = meta_checkpoint(folder);
  if (command.resume) HINTD_TRY_STATUS(learner.load(checkpoint));
  catch_interrupts();
  Progress progress(common.json);
  json generations = json::array();
  for (int i = 0; i < command.generations && !interrupted(); ++i) {
    const Stopwatch watch;
    HINTD_TRY(const auto generation, learner.step([] { return !interrupted(); }));
    HINTD_TRY_STATUS(learner.save(checkpoint));
    const auto& best = generation.population.front();
    progress.say("generation " + std::to_string(generation.number) + ": " + text_of(best.fitness) +
                 ", front of " + std::to_string(generation.front.size()) + ", " +
                 duration_text(watch.elapsed().count() / 1000));
    json front = json::array();
    for (const auto index : generation.front) {
      const auto& individual = generation.population[index];
      front.push_back({{"fitness", json_of(individual.fitness)},
                       {"settings", json::parse(learning::to_json(individual.genome))}});
    }
    generations.push_back({{"generation", generation.number},
                           {"seconds", watch.elapsed().count() / 1000},
                           {"cpu_s", generation.cpu_s},
                           {"best", json_of(best.fitness)},
                           {"settings", json::parse(learning::to_json(best.genome))},
                           {"front", front}});
    HINTD_TRY_STATUS(append_line(folder / kGenerationsFile, generations.back().dump()));
  }
  HINTD_TRY(const auto challenge, learner.challenge());
  HINTD_TRY_STATUS(learner.save(checkpoint));
  json result = {{"statements", replay.statements()},
                 {"generations", generations},
                 {"challenge", json_of(challenge)},
                 {"champion", json::parse(learning::to_json(learner.champion()))}};
  if (!common.json) print("against the champion so far", challenge);
  if (!command.against.empty()) {
    HINTD_TRY(const auto other, replay_of(command.against, catalogue, settings.level2.pairs));
    HINTD_TRY(
        const auto elsewhere,
        learning::compare(other, learning::decode(learner.champion(), shipped(settings)),
                          shipped(settings), kComparisonSeeds, settings.level2.champion_seeds));
    result["elsewhere"] = json_of(elsewhere);
    if (!common.json) print("champion against the settings, on the other run", elsewhere);
  }
  if (common.json)
    std::printf("%s\n", result.dump(2).c_str());
  else
    std::printf("champion: %s\n", learning::to_json(learner.champion()).c_str());
  return interrupted() ? kExitFailed : kExitDone;
}

}  // namespace

int meta(const CommonOptions& common, const MetaCommand& command) {
  const auto status = evolve(common, command);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
