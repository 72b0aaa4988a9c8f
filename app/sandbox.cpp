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
  return std::unique_ptr<PairSandbox>(new PairSandbox(std::move(pg), catalogue, config, clock));
}

PairSandbox::PairSandbox(std::unique_ptr<database::PgExecutor> pg, const HintCatalogue& catalogue,
                         const safety::SafetyConfig& config, const Clock& clock)
    : pg_(std::move(pg)), executor_(*pg_, config, clock), catalogue_(catalogue), config_(config) {}

Result<Execution> PairSandbox::run(const learning::SampledStatement& statement,
                                   const Decision& decision) {
  const auto& hint_set = catalogue_[decision.arm];
  const Millis deadline = statement.default_ms > 0
                              ? safety::deadline_for(config_, Millis(statement.default_ms))
                              : Millis(0);  // not known: the executor's cap holds
  auto execution = [&]() -> Result<safety::DeadlineOutcome> {
    if (decision.patience <= Millis::zero())
      return safety::run_with_deadline(executor_, statement.sql, hint_set, deadline);
    HINTD_TRY(auto result, safety::run_with_patience(executor_, statement.sql, hint_set,
                                                     decision.patience, deadline));
    return std::move(result.outcome);
  }();
  if (!execution) return tl::make_unexpected(execution.error());
  execution->execution.latency = execution->latency;
  return execution->execution;
}

Result<PlannedState> PairSandbox::plan(const learning::SampledStatement& statement) {
  HINTD_TRY(const auto state, executor_.database_state());
  HINTD_TRY(const auto plan, executor_.explain(statement.sql, catalogue_[kDefaultArm]));
  return PlannedState{plan.shape_hash(),
                      features_of(statement.parsed.query_template->shape, plan, state)};
}

}  // namespace hintd::app
