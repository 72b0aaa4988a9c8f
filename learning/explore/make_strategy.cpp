#include <string>

#include "learning/explore/hintd_strategy.h"
#include "learning/explore/limeqo_strategy.h"
#include "learning/explore/simple_strategies.h"

namespace hintd::learning {

namespace {

struct Ablation {
  std::string_view name;
  void (*remove)(HintdConfig&);
};

constexpr Ablation kAblations[] = {
    {"hintd", [](HintdConfig&) {}},
    {"hintd-without-calibration", [](HintdConfig& c) { c.calibrate = false; }},
    {"hintd-without-censoring", [](HintdConfig& c) { c.posterior.learn_from_stopped = false; }},
    {"hintd-without-similarity", [](HintdConfig& c) { c.posterior.neighbours = 0; }},
    {"hintd-without-arm-meaning", [](HintdConfig& c) { c.posterior.arms.use_meaning = false; }},
    {"hintd-without-arm-effects", [](HintdConfig& c) { c.posterior.arms.use_effects = false; }},
    {"hintd-without-arm-learning",
     [](HintdConfig& c) { c.posterior.arms.learn_covariance = false; }},
};

}  // namespace

Result<std::unique_ptr<Strategy>> make_strategy(std::string_view name,
                                                const ExplorationProblem& problem, Rng rng) {
  if (name == "random") return std::make_unique<RandomStrategy>(problem, rng);
  if (name == "greedy") return std::make_unique<GreedyStrategy>(problem, rng);
  if (name == "limeqo") return std::make_unique<LimeqoStrategy>(problem, rng);
  for (const auto& [ablation, remove] : kAblations) {
    if (name != ablation) continue;
    HintdConfig config;
    remove(config);
    return std::make_unique<HintdStrategy>(problem, rng, config);
  }
  return fail(ErrorKind::kInvalidInput, "there is no strategy '" + std::string(name) + "'",
              "use random, greedy, limeqo or hintd");
}

}  // namespace hintd::learning
