#include "app/session.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "core/plan_memory.h"
#include "learning/agent/reward.h"
#include "safety/deadline.h"

namespace hintd::app {
namespace {

bool may_explore(const InlineExploring& exploring, const Served& served,
                 const LatencyBaseline& baseline) {
  if (served.decision.arm != kDefaultArm) return false;
  if (served.decision.reason == DecisionReason::kGuarded) return false;
  const auto median = baseline.median(served.parsed.query_template->fingerprint);
  return median && median->count() >= exploring.min_latency_ms;
}

}  // namespace

Session::Session(SessionParts parts) : parts_(parts), reader_(parts.optimizer) {}

Result<Served> Session::run(const Statement& statement) {
  return serve(statement, nullptr);
}

Result<Served> Session::run_exploring(const Statement& statement, InlineExploring& exploring) {
  return serve(statement, &exploring);
}

void Session::introduce(const ParsedQuery& parsed, const Statement& statement) {
  const auto& query_template = *parsed.query_template;
  if (!told_.insert(query_template.fingerprint).second) return;
  parts_.events.record(TemplateSeen{query_template.fingerprint, statement.name,
                                    query_template.normalized, statement.query_class,
                                    statement.sql});
}

Result<PlannedState> Session::plan(const std::string& sql, const ParsedQuery& parsed) {
  HINTD_TRY(const auto plan, parts_.executor.explain(sql, parts_.catalogue[kDefaultArm]));
  return PlannedState{plan.shape_hash(), features_of(parsed.query_template->shape, plan, state_)};
}

bool Session::worth_planning(std::uint64_t fingerprint) const {
  // Planning twice may not cost more than it can win: a template must be known to be slow.
  const auto fastest = baseline_.fastest(fingerprint);
  return fastest && fastest->count() >= parts_.min_plan_latency_ms;
}

Result<std::optional<PlannedState>> Session::decide(const std::string& sql,
                                                    InlineExploring* exploring, Served& served) {
  const auto& query_template = *served.parsed.query_template;
  std::optional<PlannedState> planned;
  DecisionRequest request{query_template.fingerprint, served.parsed.literals, nullptr};
  served.decision = reader_.decide(request);
  if (query_template.kind != StatementKind::kReadOnlySelect) {
    served.decision = Decision{};
    return planned;
  }
  if (served.decision.reason == DecisionReason::kNeedsPlan &&
      !worth_planning(query_template.fingerprint)) {
    served.decision.reason = DecisionReason::kUnknownTemplate;
  } else if (served.decision.reason == DecisionReason::kNeedsPlan) {
    HINTD_TRY(planned, plan(sql, served.parsed));
    request.planned = &*planned;
    served.decision = reader_.decide(request);
  }
  if (exploring != nullptr && may_explore(*exploring, served, baseline_) &&
      exploring->rng.chance(exploring->share)) {
    if (!planned) {
      HINTD_TRY(planned, plan(sql, served.parsed));
    }
    std::vector<ArmId> allowed = {kDefaultArm};
    for (std::size_t arm = 1; arm < parts_.catalogue.size(); ++arm)
      if (parts_.supervisor.allows(query_template.fingerprint, static_cast<ArmId>(arm)))
        allowed.push_back(static_cast<ArmId>(arm));
    const auto choice = exploring->agent.choose(planned->features, allowed);
    served.decision.arm = choice.arm;
    const auto share = static_cast<float>(exploring->share);
    served.decision.propensity =
        share * choice.propensity + (choice.arm == kDefaultArm ? 1 - share : 0);
    served.decision.reason = DecisionReason::kExploring;
  }
  if (served.decision.arm != kDefaultArm)
    served.decision.deadline = deadline_of(query_template.fingerprint, served.decision);
  return planned;
}

// An arm that takes over was chosen because it suffers beside the default, and one that is tried is
// to be measured alone: there the default joins in when no run of it has taken as long.
Millis Session::deadline_of(std::uint64_t fingerprint, const Decision& decision) const {
  const auto median = baseline_.median(fingerprint);
  if (median && !decision.takes_over && decision.reason != DecisionReason::kExploring)
    return safety::joins_after(parts_.safety, *median);
  return safety::deadline_for(parts_.safety, baseline_.slowest(fingerprint).value_or(Millis(0)));
}

Result<Served> Session::serve(const Statement& statement, InlineExploring* exploring) {
  const auto& sql = statement.sql;
  Served served;
  const Stopwatch watch;
  HINTD_TRY(served.parsed, templates_.get(sql));
  const auto planned = decide(sql, exploring, served);
  const Millis deciding = watch.elapsed();
  introduce(served.parsed, statement);
  const auto executed = planned ? execute(sql, served) : tl::make_unexpected(planned.error());
  const auto* state = planned && *planned ? &**planned : nullptr;
  if (!executed) {
    tell(served, state, executed.error().text());
    return tl::make_unexpected(executed.error());
  }
  served.latency += deciding;
  tell(served, state, "");
  keep_watch(served);
  if (state != nullptr && served.decision.reason == DecisionReason::kExploring)
    explore(*state, served, *exploring);
  return served;
}

Status Session::execute(const std::string& sql, Served& served) {
  auto& decision = served.decision;
  if (decision.joins_in()) return execute_hedged(sql, served);
  HINTD_TRY(auto outcome,
            safety::run_with_deadline(parts_.hedge, sql, parts_.catalogue[decision.arm], decision));
  if (!outcome.arm_ran) decision.arm = kDefaultArm;
  served.latency = outcome.latency;
  served.arm_latency = outcome.arm_latency;
  served.timed_out = outcome.timed_out;
  served.lost = outcome.lost;
  served.arm_failed = !outcome.arm_error.empty() || safety::far_slower(parts_.safety, outcome);
  served.arm_error = std::move(outcome.arm_error);
  served.execution = outcome.execution;
  return {};
}

Status Session::execute_hedged(const std::string& sql, Served& served) {
  auto& decision = served.decision;
  HINTD_TRY(auto outcome, parts_.hedge.run(sql, parts_.catalogue[kDefaultArm],
                                           parts_.catalogue[decision.arm], decision.patience));
  served.latency = served.arm_latency = outcome.latency;
  served.lost = outcome.lost;
  if (outcome.joined) served.joined = decision.arm;
  served.arm_failed = !outcome.second_error.empty();
  served.arm_error = std::move(outcome.second_error);
  served.execution = outcome.execution;
  // The arm that gave the rows; one that failed is named, too, for the breaker.
  if (!outcome.second_won && !served.arm_failed) decision.arm = kDefaultArm;
  return {};
}

void Session::keep_watch(const Served& served) {
  const auto fingerprint = served.parsed.query_template->fingerprint;
  const auto arm = served.decision.arm;
  if (arm == kDefaultArm && !served.joined) {
    baseline_.record(fingerprint, served.arm_latency);
  } else if (served.arm_failed) {
    parts_.events.record(
        SafetyEvent{parts_.clock.now(), served.timed_out ? "deadline_passed" : "arm_failed",
                    fingerprint, parts_.catalogue[arm].name + " " + served.arm_error});
  }
  parts_.supervisor.served({fingerprint, served.parsed.literals, served.decision, served.latency,
                            served.arm_latency, served.arm_failed, served.joined});
}

void Session::explore(const PlannedState& state, const Served& served, InlineExploring& exploring) {
  if (served.decision.arm == kDefaultArm) return;
  const auto fingerprint = served.parsed.query_template->fingerprint;
  const learning::DefaultRun usual{baseline_.median(fingerprint).value_or(Millis(0)), 0};
  const learning::ArmRun run{served.arm_latency, 0, served.timed_out, !served.arm_error.empty()};
  exploring.agent.observe({state.features, served.decision.arm,
                           learning::cost_of(run, usual, exploring.config), served.timed_out,
                           fingerprint, std::nullopt});
  parts_.events.record(exploring.agent.train().at(parts_.clock.now()));
}

void Session::tell(const Served& served, const PlannedState* planned, const std::string& error) {
  QueryObserved event;
  event.time = parts_.clock.now();
  event.fingerprint = served.parsed.query_template->fingerprint;
  event.statement = PlanMemory::id_of(event.fingerprint, served.parsed.literals);
  event.decision = served.decision;
  event.latency = served.latency;
  event.arm_latency = served.arm_latency;
  event.lost = served.lost;
  event.timed_out = served.timed_out;
  event.rows = served.execution.rows;
  // The plan that was looked at is the default's.
  if (planned != nullptr && served.decision.arm == kDefaultArm)
    event.plan_hash = planned->plan_shape;
  event.error = error;
  parts_.events.record(std::move(event));
}

}  // namespace hintd::app
