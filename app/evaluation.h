// The final examination: queries that learning never saw, default and learned in alternating pairs,
// end to end, against the oracle (each different plan of the catalogue measured once per query, the
// best one again).
#pragma once

#include <functional>
#include <string>
#include <vector>

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
  // `pairs` per query, 5 or more, the order alternating.
  Evaluation(int pairs, EvaluationParts parts, Rng rng);

  // One query: pairs, then the oracle. What it found goes to telemetry.
  Result<QueryEvaluated> evaluate(const std::string& split, const std::string& name,
                                  const Statement& statement);

 private:
  struct Oracle {
    ArmId arm = kDefaultArm;
    double ms = 0;
    int distinct_plans = 1;
  };
  Result<Oracle> oracle(const std::string& sql, double default_ms);

  int pairs_;
  EvaluationParts parts_;
  Rng rng_;
};

}  // namespace hintd::app
