// The final examination: queries that learning never saw, default and learned in alternating pairs,
// end to end, against the oracle (each different plan of the catalogue measured once per query, the
// best one again).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/oracle.h"
#include "app/session.h"
#include "database/demo/workload.h"

namespace hintd::app {

struct EvaluationParts {
  const HintCatalogue& catalogue;
  PlanExecutor& executor;  // for the default's side and the oracle
  Session& session;        // for the learned side
  EventSink& events;
  const Clock& clock;
};

class Evaluation {
 public:
  // `pairs` per query, 5 or more (app/side_by_side.h).
  Evaluation(int pairs, EvaluationParts parts, Rng rng);

  // One query: pairs, then the oracle. What it found goes to telemetry.
  Result<QueryEvaluated> evaluate(const std::string& split, const std::string& name,
                                  const Statement& statement);

 private:
  int pairs_;
  EvaluationParts parts_;
  Rng rng_;
  Oracle oracle_;
};

}  // namespace hintd::app
