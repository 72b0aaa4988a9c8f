// Plan flips: a watched statement's default plan is another than before. Where the old plan can
// still be had by a hint, both are run in pairs, so that one knows whether the flip hurt.
#pragma once

#include <optional>
#include <vector>

#include "core/event.h"
#include "core/plan_executor.h"
#include "core/policy.h"
#include "learning/policy/statement_sample.h"
#include "safety/plan_watch.h"

namespace hintd::app {

struct PlanFlip {
  std::uint64_t fingerprint = 0;
  std::uint64_t before = 0;  // shapes
  std::uint64_t now = 0;
  std::optional<ArmId> old_plan;  // the arm that gives the shape before
  double ratio = 1;               // old plan's latency over the new one's: median of pairs
};

// Plans every sampled statement; the first time only remembers. Each flip is told to telemetry
// ("plan_flip"). Fails where the server is away; statements that fail are left out.
Result<std::vector<PlanFlip>> find_plan_flips(safety::PlanWatch& watch,
                                              const learning::StatementSample& sample,
                                              PlanExecutor& executor,
                                              const HintCatalogue& catalogue, EventSink& events,
                                              const Clock& clock);

// Rules that bring back old plans which were faster by a tenth or more on every flipped statement
// of their template: to be offered, or proved by level 1 and applied.
TemplateRules rules_of(const std::vector<PlanFlip>& flips);

}  // namespace hintd::app
