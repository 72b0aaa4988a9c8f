#include "app/sandbox.h"

#include "database/postgres/server_settings.h"
#include "safety/deadline.h"

namespace hintd::app {
namespace {

constexpr const char* kPrivateRole = "hintd_sandbox";

}  // namespace

Status StoppableSandbox::check() const {
  if (!stopping_ || !stopping_()) return {};
  return fail(ErrorKind::kUnavailable, "paired runs were stopped", "start hintd again");
}

Result<Execution> StoppableSandbox::run(const learning::SampledStatement& statement,
                                        const Decision& decision) {
  HINTD_TRY_STATUS(check());
  return inner_.run(statement, decision);
}

Result<PlannedState> StoppableSandbox::plan(const learning::SampledStatement& statement) {
  HINTD_TRY_STATUS(check());
  return inner_.plan(statement);
}

Result<std::string> sandbox_role_for(const learning::Level1Config& config, const std::string& dsn,
                                     bool is_private) {
  if (config.sandbox_role != learning::kOwnRole || !is_private) return config.sandbox_role;
  HINTD_TRY_STATUS(database::make_reading_role(dsn, kPrivateRole));
  return std::string(kPrivateRole);
}

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
  if (decision.joins_in()) {
    HINTD_TRY(auto hedged,
              hedge_.run(statement.sql, catalogue_[kDefaultArm], hint_set, decision.patience));
    hedged.execution.latency = hedged.latency;
    return hedged.execution;
  }
  if (decision.arm == kDefaultArm && decision.deadline > Millis::zero())
    return executor_.run(statement.sql, hint_set, decision.deadline);
  auto bounded = decision;
  bounded.deadline = Millis(0);  // not known: the executor's cap holds
  if (const Millis usual(statement.default_ms); usual > Millis::zero())
    bounded.deadline = decision.takes_over ? safety::deadline_for(config_, usual)
                                           : safety::joins_after(config_, usual);
  HINTD_TRY(auto outcome, safety::run_with_deadline(hedge_, statement.sql, hint_set, bounded));
  outcome.execution.latency = outcome.latency;
  return outcome.execution;
}

void PairSandbox::cancel() noexcept {
  pg_->cancel();
  second_pg_->cancel();
}

Result<PlannedState> PairSandbox::plan(const learning::SampledStatement& statement) {
  HINTD_TRY(const auto state, executor_.database_state());
  HINTD_TRY(const auto plan, executor_.explain(statement.sql, catalogue_[kDefaultArm]));
  return PlannedState{plan.shape_hash(),
                      features_of(statement.parsed.query_template->shape, plan, state)};
}

}  // namespace hintd::app
