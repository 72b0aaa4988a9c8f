#include <string>

#include "learning/explore/hintd_strategy.h"
#include "learning/explore/limeqo_strategy.h"
#include "learning/explore/simple_strategies.h"

namespace hintd::learning {

Result<std::unique_ptr<Strategy>> make_strategy(std::string_view name,
                                                const ExplorationProblem& problem, Rng rng) {
  if (name == "random") return std::make_unique<RandomStrategy>(problem, rng);
  if (name == "greedy") return std::make_unique<GreedyStrategy>(problem, rng);
  if (name == "limeqo") return std::make_unique<LimeqoStrategy>(problem, rng);
  if (name == "hintd") return std::make_unique<HintdStrategy>(problem, rng);
  return fail(ErrorKind::kInvalidInput, "there is no strategy '" + std::string(name) + "'",
              "use random, greedy, limeqo or hintd");
}

}  // namespace hintd::learning
