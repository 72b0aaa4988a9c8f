#include "learning/explore/live_explorer.h"

#include <algorithm>
#include <future>

#include "core/check.h"
#include "core/log.h"

namespace hintd::learning {
namespace {

constexpr int kMaxProposals = 20;            // then the template is left as it is
constexpr std::size_t kPoolStatements = 40;  // of a template; the slowest stay

// But for the length of a patience.
bool same(const RunChoice& a, const RunChoice& b) {
  return a.arm == b.arm && a.takes_over == b.takes_over;
}

}  // namespace

LiveExplorer::LiveExplorer(LiveExplorerConfig config, LiveExplorerParts parts)
    : config_(config), parts_(parts) {}

void LiveExplorer::offer(std::string_view sql, const ParsedQuery& parsed, Millis latency) {
  const auto fingerprint = parsed.query_template->fingerprint;
  auto& work = templates_[fingerprint];
  work.fingerprint = fingerprint;
  work.executions += 1;
  const auto known = std::find_if(work.pool.begin(), work.pool.end(), [&](const Candidate& c) {
    return c.evidence->literals == parsed.literals;
  });
  if (known != work.pool.end()) {
    auto& evidence = *known->evidence;
    evidence.seen += 1;
    evidence.observed_ms = std::min(evidence.observed_ms, latency.count());
    return;
  }
  if (work.pool.size() >= kPoolStatements && !make_room(work, latency)) return;
  auto& evidence = parts_.memory.statement(fingerprint, parsed.literals);
  evidence.seen += 1;
  evidence.observed_ms =
      evidence.seen == 1 ? latency.count() : std::min(evidence.observed_ms, latency.count());
  work.pool.push_back({std::string(sql), &evidence});
  work.next.reset();
}

bool LiveExplorer::make_room(Template& work, Millis latency) {
  const auto fastest =
      std::min_element(work.pool.begin(), work.pool.end(), [](const auto& a, const auto& b) {
        return std::pair(a.evidence->planned(), a.evidence->observed_ms) <
               std::pair(b.evidence->planned(), b.evidence->observed_ms);
      });
  if (fastest->evidence->planned() || fastest->evidence->observed_ms >= latency.count())
    return false;
  const auto literals = fastest->evidence->literals;
  work.pool.erase(fastest);
  parts_.memory.forget(work.fingerprint, literals);
  return true;
}

Result<bool> LiveExplorer::step() {
  Template* best = nullptr;
  double best_worth = 0;
  for (auto& [fingerprint, work] : templates_) {
    if (!work.next) work.next = next_step(work);
    const double worth = work.executions * work.next->score;
    if (worth > best_worth) {
      best = &work;
      best_worth = worth;
    }
  }
  if (best == nullptr) return false;
  const auto step = std::move(*best->next);
  best->next.reset();
  HINTD_TRY_STATUS(take(*best, step));
  return true;
}

Status LiveExplorer::take(Template& work, const Step& step) {
  switch (step.kind) {
    case Step::Kind::kNothing:
      return {};
    case Step::Kind::kPlan:
      return plan(*step.candidate);
    case Step::Kind::kDefault:
      return run_default(*step.candidate);
    case Step::Kind::kTry:
      return run_tries(work, step.tries);
    case Step::Kind::kPropose:
      propose(work);
      return {};
    case Step::Kind::kVerify:
      return verify(work);
  }
  return {};
}

Status LiveExplorer::plan(Candidate& candidate) {
  auto& statement = *candidate.evidence;
  const Stopwatch watch;
  std::vector<std::uint64_t> identities;
  std::vector<bool> parallel;
  PlanTree default_plan;
  for (const auto& set : parts_.catalogue.sets()) {
    auto planned = parts_.executor.explain(candidate.sql, set);
    if (!planned) return give_up_on(candidate, planned.error());
    identities.push_back(planned->identity(set));
    parallel.push_back(planned->parallel());
    if (identities.size() == 1) default_plan = std::move(*planned);
  }
  HINTD_TRY(const auto state, parts_.executor.database_state());
  spent_ms_ += watch.elapsed().count();

  const auto parsed = parse_query(candidate.sql);
  HINTD_CHECK(parsed.has_value(), "a statement that was planned no longer parses");
  statement.default_shape = default_plan.shape_hash();
  statement.features = features_of(parsed->query_template->shape, default_plan, state);
  statement.group_of_arm = plan_groups(identities);
  statement.groups.assign(
      std::size_t{*std::max_element(statement.group_of_arm.begin(), statement.group_of_arm.end())} +
          1,
      PlanRuns{});
  for (std::size_t arm = 0; arm < parallel.size(); ++arm)
    statement.runs_of(static_cast<ArmId>(arm)).parallel = parallel[arm];
  return {};
}

Status LiveExplorer::run_default(Candidate& candidate) {
  auto measured = parts_.executor.analyze(candidate.sql, parts_.catalogue[kDefaultArm],
                                          Millis(config_.max_statement_ms));
  if (!measured) return give_up_on(candidate, measured.error());
  const auto& execution = measured->execution;
  spent_ms_ += execution.latency.count();
  ++tries_;
  tell(candidate, kDefaultArm, *measured);
  // No plan of it ends in time: a matter of rewriting, not of hints.
  candidate.failed = execution.timed_out;
  if (!execution.timed_out) {
    candidate.evidence->groups.front().finished_ms.push_back(execution.latency.count());
    candidate.default_blocks = measured->blocks_hit + measured->blocks_read;
  }
  return {};
}

Status LiveExplorer::run_tries(Template& work, const std::vector<Try>& wanted) {
  const auto run = [this](PlanExecutor& executor, const Try& one) {
    return executor.analyze(one.candidate->sql, parts_.catalogue[one.arm], Millis(one.timeout_ms));
  };
  std::future<Result<Analysis>> second;
  if (wanted.size() > 1)
    second = std::async(std::launch::async, run, std::ref(parts_.beside), wanted[1]);
  auto first = run(parts_.executor, wanted[0]);
  const auto taken = take_in(work, wanted[0], std::move(first));
  if (!second.valid()) return taken;
  auto other = second.get();
  HINTD_TRY_STATUS(taken);
  return take_in(work, wanted[1], std::move(other));
}

Status LiveExplorer::take_in(Template& work, const Try& wanted, Result<Analysis> measured) {
  auto& candidate = *wanted.candidate;
  auto& runs = candidate.evidence->runs_of(wanted.arm);
  if (!measured && measured.error().kind == ErrorKind::kQuery) {
    runs.unusable = true;
    log_warning("arm_refused", {{"template", fingerprint_text(work.fingerprint)},
                                {"arm", parts_.catalogue[wanted.arm].name},
                                {"error", measured.error().message}});
    return {};
  }
  if (!measured) return tl::make_unexpected(measured.error());
  const auto& execution = measured->execution;
  const double ms = execution.latency.count();
  spent_ms_ += ms;
  ++tries_;
  if (execution.timed_out)
    runs.longer_than_ms = std::max(runs.longer_than_ms, wanted.timeout_ms);
  else
    runs.finished_ms.push_back(ms);
  tell(candidate, wanted.arm, *measured);

  learn(candidate, wanted.arm,
        {execution.latency, measured->blocks_hit + measured->blocks_read, execution.timed_out,
         false});
  return {};
}

void LiveExplorer::propose(Template& work) {
  auto rule =
      parts_.rules.learn(parts_.memory.templates().at(work.fingerprint), Unmeasured::kHopeful);
  const bool stands = work.proposals > 0 && alike(rule, work.proposal, same);
  work.proposal = std::move(rule);
  ++work.proposals;
  if (!stands && work.proposal.steers() && work.proposals <= kMaxProposals) return;
  work.proposals = 0;
  work.proposed_gain = known_gain(work);
}

void LiveExplorer::learn(const Candidate& candidate, ArmId arm, const ArmRun& run) {
  const auto& statement = *candidate.evidence;
  const DefaultRun default_run{Millis(statement.default_ms()), candidate.default_blocks};
  const auto group = statement.group_of_arm[arm];
  // Arms of one group would have run the same plan: each learns from it.
  for (std::size_t other = 1; other < statement.group_of_arm.size(); ++other) {
    if (statement.group_of_arm[other] != group) continue;
    parts_.agent.observe({statement.features, static_cast<ArmId>(other),
                          cost_of(run, default_run, parts_.agent_config), run.timed_out,
                          statement.fingerprint, std::nullopt});
  }
  parts_.events.record(parts_.agent.train().at(parts_.clock.now()));
}

void LiveExplorer::tell(const Candidate& candidate, ArmId arm, const Execution& execution) {
  parts_.events.record(observed(candidate, arm, execution));
}

void LiveExplorer::tell(const Candidate& candidate, ArmId arm, const Analysis& measured) {
  auto event = observed(candidate, arm, measured.execution);
  event.blocks_hit = measured.blocks_hit;
  event.blocks_read = measured.blocks_read;
  if (!measured.execution.timed_out) event.plan_hash = measured.plan.shape_hash();
  parts_.events.record(std::move(event));
}

QueryObserved LiveExplorer::observed(const Candidate& candidate, ArmId arm,
                                     const Execution& execution) const {
  QueryObserved event;
  event.time = parts_.clock.now();
  event.fingerprint = candidate.evidence->fingerprint;
  event.statement =
      PlanMemory::id_of(candidate.evidence->fingerprint, candidate.evidence->literals);
  event.decision.arm = arm;
  event.decision.reason = DecisionReason::kExploring;
  event.kind = RunKind::kExplorer;
  event.latency = event.arm_latency = execution.latency;
  event.timed_out = execution.timed_out;
  event.rows = execution.rows;
  if (arm == kDefaultArm) event.plan_hash = candidate.evidence->default_shape;
  return event;
}

Status LiveExplorer::give_up_on(Candidate& candidate, const Error& error) {
  if (error.kind != ErrorKind::kQuery) return tl::make_unexpected(error);
  candidate.failed = true;
  log_warning(
      "statement_left_out",
      {{"template", fingerprint_text(candidate.evidence->fingerprint)}, {"error", error.message}});
  return {};
}

}  // namespace hintd::learning
