#include "learning/explore/live_explorer.h"

#include <algorithm>
#include <cmath>
#include <future>

#include "core/check.h"
#include "core/log.h"
#include "core/statistics.h"
#include "learning/explore/plan_belief.h"

namespace hintd::learning {
namespace {

constexpr int kMaxProposals = 20;            // then the template is left as it is
constexpr double kWaitsForProof = 2;         // worth of a template whose rule does, over others
constexpr std::size_t kPoolStatements = 40;  // of a template; the slowest stay

// The least latency known, for a plan with or without workers. A plan with workers counts for one
// without as it would run beside the default: there the other may be worth more.
double best_to_beat(const StatementEvidence& statement, bool parallel) {
  double best = statement.default_ms();
  for (std::size_t arm = 1; arm < statement.group_of_arm.size(); ++arm) {
    const auto id = static_cast<ArmId>(arm);
    const auto& runs = statement.runs_of(id);
    if (!runs.measured() || statement.group_of_arm[arm] == 0) continue;
    const double beside = mean_slow_down(slow_downs(runs.parallel && !parallel, {})) /
                          mean_slow_down(slow_downs(false, {}));
    best = std::min(best, runs.latency_ms() * beside);
  }
  return best;
}

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
  work.traffic_ms += latency.count();
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
  reconsider(work, evidence);
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

void LiveExplorer::reconsider(Template& work, const StatementEvidence& newcomer) {
  const auto pool = search_pool(work);
  const bool among_the_slowest =
      std::any_of(pool.begin(), pool.end(), [&](auto* c) { return c->evidence == &newcomer; });
  if (!among_the_slowest) return;
  work.stage = Stage::kSearch;
  // What the others showed says little of its time.
  double all_ms = 0;
  for (const auto* candidate : pool) all_ms += candidate->evidence->observed_ms;
  work.promise = std::max(work.promise, Template::kUnknownPromise * newcomer.observed_ms / all_ms);
}

Result<bool> LiveExplorer::step() {
  Template* work = most_promising();
  if (work == nullptr) return false;
  const double before = spent_ms_;
  const auto done = work->stage == Stage::kSearch ? search(*work) : verify(*work);
  work->spent_ms += spent_ms_ - before;
  if (!done) return tl::make_unexpected(done.error());
  return true;
}

LiveExplorer::Template* LiveExplorer::most_promising() {
  // Time goes where traffic spends its own, less where much was spent already; a rule that waits
  // for its proof counts double.
  Template* best = nullptr;
  double best_worth = 0;
  for (auto& [fingerprint, work] : templates_) {
    if (work.stage == Stage::kDone) continue;
    const double waits = work.stage == Stage::kVerify ? kWaitsForProof : 1;
    const double worth = waits * work.traffic_ms * work.promise / (work.spent_ms + 20);
    if (worth > best_worth) {
      best = &work;
      best_worth = worth;
    }
  }
  return best;
}

std::vector<LiveExplorer::Candidate*> LiveExplorer::search_pool(Template& work) const {
  std::vector<Candidate*> pool;
  for (auto& candidate : work.pool)
    if (!candidate.failed) pool.push_back(&candidate);
  // The slowest statements hold most of what can be won.
  std::stable_sort(pool.begin(), pool.end(), [](auto* a, auto* b) {
    return a->evidence->observed_ms > b->evidence->observed_ms;
  });
  if (pool.size() > static_cast<std::size_t>(config_.search_statements))
    pool.resize(static_cast<std::size_t>(config_.search_statements));
  return pool;
}

Status LiveExplorer::search(Template& work) {
  const auto pool = search_pool(work);
  const bool too_fast = std::all_of(pool.begin(), pool.end(), [&](const Candidate* candidate) {
    return candidate->evidence->observed_ms < parts_.rules.config().min_latency_ms;
  });
  if (too_fast) {
    work.stage = Stage::kDone;
    return {};
  }
  if (const auto wanted = best_tries(pool); !wanted.empty()) return run_tries(work, wanted);
  for (auto* candidate : pool) {
    if (!candidate->evidence->planned()) {
      HINTD_TRY_STATUS(plan(work, *candidate));
      if (candidate->failed) return {};
    }
    // Apart from the planning, because the server may have gone away in between.
    if (!candidate->evidence->groups.front().measured()) return run_default(*candidate);
  }
  propose(work);
  return {};
}

std::vector<LiveExplorer::Try> LiveExplorer::best_tries(const std::vector<Candidate*>& pool) const {
  std::vector<const StatementEvidence*> others;
  for (const auto* candidate : pool)
    if (candidate->evidence->default_ms() > 0) others.push_back(candidate->evidence);
  const auto snapshot = parts_.agent.snapshot();
  std::vector<Try> tries;
  for (auto* candidate : pool) {
    const auto& statement = *candidate->evidence;
    if (statement.default_ms() <= 0) continue;
    const auto heads = snapshot->evaluate(statement.features);
    for (std::uint16_t group = 1; group < statement.groups.size(); ++group) {
      const auto& runs = statement.groups[group];
      if (runs.measured() || runs.unusable) continue;
      const auto arm = static_cast<ArmId>(
          std::find(statement.group_of_arm.begin(), statement.group_of_arm.end(), group) -
          statement.group_of_arm.begin());
      if (arm >= statement.group_of_arm.size()) continue;
      // A plan that was stopped is worth another try only with clearly more time.
      const auto gain =
          best_gain(believe(heads, statement, group, others), statement.default_ms(),
                    best_to_beat(statement, runs.parallel), 1.5 * runs.longer_than_ms);
      if (gain.score > config_.stop_gain)
        tries.push_back({candidate, arm, gain.timeout_ms, gain.score});
    }
  }
  std::stable_sort(tries.begin(), tries.end(),
                   [](const Try& a, const Try& b) { return a.score > b.score; });
  // A plan with workers needs the cores for itself, and one arm's try tells of its next.
  const auto alone = [](const Try& one) {
    return one.candidate->evidence->runs_of(one.arm).parallel;
  };
  std::vector<Try> best;
  for (const auto& one : tries) {
    const auto most = static_cast<std::size_t>(config_.tries_at_once);
    if (best.size() == most || (!best.empty() && alone(best.front()))) break;
    const bool another_arm = std::none_of(best.begin(), best.end(),
                                          [&](const Try& other) { return other.arm == one.arm; });
    if (best.empty() || (another_arm && !alone(one))) best.push_back(one);
  }
  return best;
}

Status LiveExplorer::plan(Template& work, Candidate& candidate) {
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
  if (work.spent_ms == 0) {
    HINTD_TRY(state_, parts_.executor.database_state());
  }
  spent_ms_ += watch.elapsed().count();

  const auto parsed = parse_query(candidate.sql);
  HINTD_CHECK(parsed.has_value(), "a statement that was planned no longer parses");
  statement.default_shape = default_plan.shape_hash();
  statement.features = features_of(parsed->query_template->shape, default_plan, state_);
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
  tell(candidate, kDefaultArm, execution);
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
  tell(candidate, wanted.arm, execution);

  learn(candidate, wanted.arm,
        {execution.latency, measured->blocks_hit + measured->blocks_read, execution.timed_out,
         false});
  return {};
}

void LiveExplorer::propose(Template& work) {
  const auto& statements = parts_.memory.templates().at(work.fingerprint);
  auto rule = parts_.rules.learn(statements, Unmeasured::kHopeful);
  const bool stands = work.proposals > 0 && alike(rule, work.proposal, same);
  work.proposal = std::move(rule);
  ++work.proposals;
  double default_ms = 0;
  double best_ms = 0;
  for (const auto& [id, statement] : statements) {
    if (statement.default_ms() <= 0) continue;
    default_ms += statement.default_ms();
    best_ms += statement.best().second;
  }
  work.promise = default_ms > 0 ? 1 - best_ms / default_ms : 0;
  const bool finished = stands || !work.proposal.steers() || work.proposals > kMaxProposals;
  work.stage = finished ? Stage::kDone : Stage::kVerify;
  if (finished) work.proposals = 0;
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
  parts_.events.record(std::move(event));
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
