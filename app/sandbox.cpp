#include "app/sandbox.h"

#include "safety/deadline.h"

namespace hintd::app {

Result<std::unique_ptr<PairSandbox>> PairSandbox::open(const std::string& dsn,
                                                       const std::string& role,
                                                       const HintCatalogue& catalogue,
                                                       const safety::SafetyConfig& config,
                                                       const Clock& clock) {
  const auto own = role == learning::kOwnRole ? dsn : dsn + " options='-c role=" + role + "'";
  HINTD_TRY(auto pg, database::PgExecutor::connect({own}));
  HINTD_TRY(auto second_pg, database::PgExecutor::connect({own}));
  return std::unique_ptr<PairSandbox>(
      new PairSandbox(std::move(pg), std::move(second_pg), catalogue, config, clock));
}

PairSandbox::PairSandbox(Connected pg, Connected second_pg, const HintCatalogue& catalogue,
                         const safety::SafetyConfig& config, const Clock& clock)
    : pg_(std::move(pg)),
      second_pg_(std::move(second_pg)),
      executor_(*pg_, config, clock),
      second_executor_(*second_pg_, config, clock),
      catalogue_(catalogue),
      config_(config) {}

Result<Execution> PairSandbox::run(const learning::SampledStatement& statement,
                                   const Decision& decision) {
  const auto& hint_set = catalogue_[decision.arm];
  if (decision.patience > Millis::zero() && !decision.takes_over) {
    HINTD_TRY(auto hedged, hedge_.run(statement.sql, hint_set, decision.patience));
    hedged.execution.latency = hedged.latency;
    return hedged.execution;
  }
  const Millis deadline = statement.default_ms > 0
                              ? safety::deadline_for(config_, Millis(statement.default_ms))
                              : Millis(0);  // not known: the executor's cap holds
  HINTD_TRY(
      auto outcome,
      decision.takes_over
          ? safety::run_taking_over(executor_, statement.sql, hint_set, decision.patience, deadline)
          : safety::run_with_deadline(executor_, statement.sql, hint_set, deadline));
  outcome.execution.latency = outcome.latency;
  return outcome.execution;
}

Result<PlannedState> PairSandbox::plan(const learning::SampledStatement& statement) {
  HINTD_TRY(const auto state, executor_.database_state());
  HINTD_TRY(const auto plan, executor_.explain(statement.sql, catalogue_[kDefaultArm]));
  return PlannedState{plan.shape_hash(),
                      features_of(statement.parsed.query_template->shape, plan, state)};
}

}  // namespace hintd::app
