// What the best hint set for a query would reach: each different plan of the catalogue run once
// under the best latency known so far, the winner measured again.
#pragma once

#include <string>
#include <vector>

#include "core/plan_executor.h"

namespace hintd::app {

struct OracleResult {
  ArmId arm = kDefaultArm;
  double ms = 0;
  int distinct_plans = 0;
};

class Oracle {
 public:
  // Borrows both.
  Oracle(const HintCatalogue& catalogue, PlanExecutor& executor);

  // The best of what was `reached` already and whatever any arm reaches. Fails as a run does.
  Result<OracleResult> best_of(const std::string& sql, OracleResult reached);

 private:
  std::vector<ArmId> arms_by_wins() const;

  const HintCatalogue& catalogue_;
  PlanExecutor& executor_;
  std::vector<int> wins_;  // by arm: of how many queries it was the best
};

}  // namespace hintd::app
