#include "learning/explore/live_explorer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"
#include "core/log.h"
#include "core/statistics.h"

namespace hintd::learning {
namespace {

constexpr double kShortestTimeoutMs = 2;  // below it cancelling costs more than it saves
constexpr double kVerifySlack =
    1.3;                           // an arm under proof may take this much longer than the default
constexpr int kMaxProposals = 20;  // then the template is left as it is
constexpr double kModelSd = 0.5;   // what the heads do not know of a template, log ratio
constexpr double kWithinTemplateSd =
    0.35;  // spread of an arm's log ratio over a template's literals

constexpr double kTail = 0.2;        // chance that an untried arm is of another kind: far faster
constexpr double kTailShift = -1.5;  // than the heads expect, log ratio
constexpr double kTailSd = 1.2;

// Belief about log(latency / default latency): a normal, and with probability `tail` one much lower
// and wider. Without the tail a good plan found early would end the search for a much better one.
struct Belief {
  double mean = 0;
  double sd = 1;
  double tail = 0;
  double at_least = 0;  // ratio that runs were stopped at; 0: none was
};

struct Gain {
  double score = 0;  // expected seconds won per expected second spent
  double timeout_ms = 0;
};

// P(latency < timeout), and the mean of the latency over those cases times P.
struct InTime {
  double probability = 0;
  double weighted_ms = 0;
};

InTime in_time(double log_mean, double sd, double timeout_ms) {
  if (timeout_ms <= 0) return {};
  const double a = (std::log(timeout_ms) - log_mean) / sd;
  return {normal_cdf(a), std::exp(log_mean + sd * sd / 2) * normal_cdf(a - sd)};
}

InTime in_time(Belief belief, double default_ms, double timeout_ms) {
  const double log_mean = belief.mean + std::log(default_ms);
  const auto usual = in_time(log_mean, belief.sd, timeout_ms);
  const auto tail = in_time(log_mean + kTailShift, kTailSd, timeout_ms);
  return {(1 - belief.tail) * usual.probability + belief.tail * tail.probability,
          (1 - belief.tail) * usual.weighted_ms + belief.tail * tail.weighted_ms};
}

// Tries timeouts T up to the best latency known, b, and from `shortest_ms` on. Where the run ends
// in time with probability P and its latency then weighs Q: score = (bP - Q)/(Q + T(1-P)). P and Q
// are of what the belief leaves possible beyond at_least.
Gain best_gain(Belief belief, double default_ms, double best_ms, double shortest_ms) {
  const double stopped_ms = belief.at_least * default_ms;
  const auto ruled_out = in_time(belief, default_ms, stopped_ms);
  const double possible = 1 - ruled_out.probability;
  Gain best;
  if (possible < 1e-6) return best;
  for (const double part : {0.05, 0.1, 0.2, 0.4, 0.7, 1.0}) {
    const double timeout = std::max(part * best_ms, std::min(kShortestTimeoutMs, best_ms));
    if (timeout < shortest_ms || timeout <= stopped_ms) continue;
    const auto ended = in_time(belief, default_ms, timeout);
    const double p = (ended.probability - ruled_out.probability) / possible;
    const double q = (ended.weighted_ms - ruled_out.weighted_ms) / possible;
    const double spent = q + timeout * (1 - p);
    const double score = spent > 0 ? (best_ms * p - q) / spent : 0;
    if (score > best.score) best = {score, timeout};
  }
  return best;
}

// The heads' belief about the arms of a plan group, corrected by what the template's other
// statements showed for the same arms.
Belief believe(const QValues& heads, const StatementEvidence& statement, std::uint16_t group,
               const std::vector<const StatementEvidence*>& others) {
  double mean = 0;
  double variance = 0;
  int arms = 0;
  double seen_mean = 0;
  int seen = 0;
  double at_least = 0;
  for (std::size_t arm = 1; arm < statement.group_of_arm.size(); ++arm) {
    if (statement.group_of_arm[arm] != group) continue;
    ++arms;
    const auto id = static_cast<ArmId>(arm);
    mean += heads.mean(id);
    variance += heads.spread(id) * heads.spread(id);
    at_least = std::max(at_least, statement.ratio_bound(id));
    for (const auto* other : others) {
      if (other == &statement) continue;
      if (const auto ratio = other->ratio(id)) {
        seen_mean += std::log(*ratio);
        ++seen;
      } else if (const double bound = other->ratio_bound(id); bound >= 1) {
        seen_mean += std::log(bound) + 0.3;  // stopped: worse than its bound
        ++seen;
      } else {
        // Stopped early: not as fast as that, and no word about how slow.
        at_least = std::max(at_least, bound * std::exp(-kWithinTemplateSd));
      }
    }
  }
  HINTD_CHECK(arms > 0, "a plan group without arms");
  mean /= arms;
  variance = variance / arms + kModelSd * kModelSd;
  if (seen > 0) {
    const double within = kWithinTemplateSd * kWithinTemplateSd;
    const double weight = std::min(seen, 3) / within;
    const double total = 1 / variance + weight;
    mean = (mean / variance + seen_mean / seen * weight) / total;
    variance = 1 / total + within / 2;
  }
  return {mean, std::sqrt(variance), kTail / (1 + 2 * seen), at_least};
}

// The arm the statement would run under by the rule; the default where that ends within the rule's
// patience.
ArmId arm_for(const TemplateRule& rule, const StatementEvidence& statement, double usual_ms) {
  const PlannedState planned{statement.default_shape, statement.features};
  TemplateRules rules{{statement.fingerprint, rule}};
  const MemoryPolicy policy(0, std::move(rules));
  const auto decision = policy.choose({statement.fingerprint, statement.literals, &planned});
  return usual_ms > decision.patience.count() ? decision.arm : kDefaultArm;
}

bool same_rule(const TemplateRule& a, const TemplateRule& b) {
  return a.arm == b.arm && (a.patience > Millis(0)) == (b.patience > Millis(0)) &&
         a.cases_by == b.cases_by && a.literal == b.literal && a.cases == b.cases;
}

bool steers(const TemplateRule& rule) {
  return rule.arm != kDefaultArm || !rule.cases.empty();
}

}  // namespace

LiveExplorer::LiveExplorer(LiveExplorerConfig config, LiveExplorerParts parts)
    : config_(config), parts_(parts) {}

void LiveExplorer::offer(std::string_view sql, const ParsedQuery& parsed, Millis latency) {
  const auto fingerprint = parsed.query_template->fingerprint;
  auto& work = templates_[fingerprint];
  work.fingerprint = fingerprint;
  work.traffic_ms += latency.count();
  auto& evidence = parts_.memory.statement(fingerprint, parsed.literals);
  evidence.seen += 1;
  const auto known = std::find_if(work.pool.begin(), work.pool.end(),
                                  [&](const Candidate& c) { return c.evidence == &evidence; });
  if (known != work.pool.end() ||
      work.pool.size() >= static_cast<std::size_t>(config_.verify_statements))
    return;
  work.pool.push_back({std::string(sql), &evidence, latency.count()});
  if (work.stage == Stage::kDone && steers(work.proposal)) work.stage = Stage::kVerify;
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
    const double worth = work.traffic_ms * work.promise / (work.spent_ms + 20);
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
  std::stable_sort(pool.begin(), pool.end(),
                   [](auto* a, auto* b) { return a->observed_ms > b->observed_ms; });
  if (pool.size() > static_cast<std::size_t>(config_.search_statements))
    pool.resize(static_cast<std::size_t>(config_.search_statements));
  return pool;
}

Status LiveExplorer::search(Template& work) {
  const auto pool = search_pool(work);
  const bool too_fast = std::all_of(pool.begin(), pool.end(), [&](const Candidate* candidate) {
    return candidate->observed_ms < parts_.rules.config().min_latency_ms;
  });
  if (too_fast) {
    work.stage = Stage::kDone;
    return {};
  }
  const auto wanted = best_try(pool);
  if (wanted.candidate != nullptr && wanted.score > config_.stop_gain) return run_try(work, wanted);
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

LiveExplorer::Try LiveExplorer::best_try(const std::vector<Candidate*>& pool) const {
  std::vector<const StatementEvidence*> others;
  for (const auto* candidate : pool)
    if (candidate->evidence->default_ms() > 0) others.push_back(candidate->evidence);
  const auto snapshot = parts_.agent.snapshot();
  Try best;
  for (auto* candidate : pool) {
    const auto& statement = *candidate->evidence;
    if (statement.default_ms() <= 0) continue;
    const auto heads = snapshot->evaluate(statement.features);
    const double best_ms = statement.best().second;
    for (std::uint16_t group = 1; group < statement.groups.size(); ++group) {
      const auto& runs = statement.groups[group];
      if (runs.measured() || runs.unusable) continue;
      const auto arm = static_cast<ArmId>(
          std::find(statement.group_of_arm.begin(), statement.group_of_arm.end(), group) -
          statement.group_of_arm.begin());
      if (arm >= statement.group_of_arm.size()) continue;
      // A plan that was stopped is worth another try only with clearly more time.
      const auto gain = best_gain(believe(heads, statement, group, others), statement.default_ms(),
                                  best_ms, 1.5 * runs.longer_than_ms);
      if (gain.score > best.score) best = {candidate, arm, gain.timeout_ms, gain.score};
    }
  }
  return best;
}

Status LiveExplorer::plan(Template& work, Candidate& candidate) {
  auto& statement = *candidate.evidence;
  const Stopwatch watch;
  std::vector<std::uint64_t> identities;
  PlanTree default_plan;
  for (const auto& set : parts_.catalogue.sets()) {
    auto planned = parts_.executor.explain(candidate.sql, set);
    if (!planned) return give_up_on(candidate, planned.error());
    identities.push_back(planned->identity(set));
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

Status LiveExplorer::run_try(Template& work, const Try& wanted) {
  auto& candidate = *wanted.candidate;
  auto& runs = candidate.evidence->runs_of(wanted.arm);
  auto measured = parts_.executor.analyze(candidate.sql, parts_.catalogue[wanted.arm],
                                          Millis(wanted.timeout_ms));
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
  auto rule = parts_.rules.learn(statements, Evidence::kProposed);
  const bool stands = work.proposals > 0 && same_rule(rule, work.proposal);
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
  const bool finished = stands || !steers(work.proposal) || work.proposals > kMaxProposals;
  work.stage = finished ? Stage::kDone : Stage::kVerify;
}

Status LiveExplorer::verify(Template& work) {
  // The fastest statements first: they are cheap, and if the arm hurts anywhere it is there.
  std::vector<Candidate*> order;
  for (auto& candidate : work.pool)
    if (!candidate.failed) order.push_back(&candidate);
  std::stable_sort(order.begin(), order.end(),
                   [](auto* a, auto* b) { return a->observed_ms < b->observed_ms; });
  for (auto* candidate : order) {
    if (!candidate->evidence->planned()) return plan(work, *candidate);
    const double usual_ms = candidate->evidence->default_ms() > 0
                                ? candidate->evidence->default_ms()
                                : candidate->observed_ms;
    const auto arm = arm_for(work.proposal, *candidate->evidence, usual_ms);
    if (needs_pair(*candidate, arm)) return run_pair(work, *candidate, arm);
    if (regresses(*candidate->evidence, arm)) break;  // the proposal has fallen
  }
  propose(work);
  return {};
}

bool LiveExplorer::regresses(const StatementEvidence& statement, ArmId arm) const {
  if (statement.runs_of(arm).unusable) return true;
  return statement.ratio(arm).value_or(1) > 1 + parts_.rules.config().max_regression;
}

bool LiveExplorer::needs_pair(const Candidate& candidate, ArmId arm) const {
  const auto& statement = *candidate.evidence;
  if (statement.group_of_arm[arm] == 0) return false;
  const auto& runs = statement.runs_of(arm);
  if (runs.unusable) return false;
  if (statement.default_ms() > 0 && runs.longer_than_ms > kVerifySlack * statement.default_ms())
    return false;
  const auto pairs = static_cast<int>(runs.paired_ratios.size());
  if (pairs < config_.verify_pairs) return true;
  // Near the line more pairs tell noise from a regression.
  const double ratio = median(runs.paired_ratios);
  return ratio > 0.75 && ratio < 1.25 && pairs < config_.verify_pairs_near_line;
}

Status LiveExplorer::run_pair(Template& work, Candidate& candidate, ArmId arm) {
  auto& statement = *candidate.evidence;
  auto& runs = statement.runs_of(arm);
  const double usual_ms = std::max(statement.default_ms(), candidate.observed_ms);
  const Millis limit(
      std::min(config_.max_statement_ms, kVerifySlack * 1.2 * usual_ms + kShortestTimeoutMs));
  const bool arm_first = runs.paired_ratios.size() % 2 == 1;
  std::array<Execution, 2> results;  // default, arm
  for (const bool hinted : {arm_first, !arm_first}) {
    auto run = parts_.executor.run(candidate.sql, parts_.catalogue[hinted ? arm : kDefaultArm],
                                   hinted ? limit : Millis(config_.max_statement_ms));
    if (!run && hinted && run.error().kind == ErrorKind::kQuery) {
      runs.unusable = true;
      log_warning("arm_refused", {{"template", fingerprint_text(work.fingerprint)},
                                  {"arm", parts_.catalogue[arm].name},
                                  {"error", run.error().message}});
      return {};
    }
    if (!run) return give_up_on(candidate, run.error());
    spent_ms_ += run->latency.count();
    ++tries_;
    tell(candidate, hinted ? arm : kDefaultArm, *run);
    results[hinted ? 1 : 0] = *run;
    if (!hinted && !run->timed_out && statement.default_ms() <= 0)
      statement.groups.front().finished_ms.push_back(run->latency.count());
  }
  const auto& [plain, hinted] = results;
  if (plain.timed_out) {
    candidate.failed = true;
    return {};
  }
  if (!hinted.timed_out && (hinted.rows != plain.rows || hinted.result_hash != plain.result_hash)) {
    runs.unusable = true;
    parts_.events.record(SafetyEvent{parts_.clock.now(), "other_result", work.fingerprint,
                                     parts_.catalogue[arm].name});
    return {};
  }
  // A stopped run is no gain, however slow the default happened to be beside it.
  const double plain_ms = plain.latency.count();
  const double ratio =
      hinted.latency.count() / (hinted.timed_out ? std::min(plain_ms, usual_ms) : plain_ms);
  if (hinted.timed_out) runs.longer_than_ms = std::max(runs.longer_than_ms, limit.count());
  runs.paired_ratios.push_back(ratio);
  return {};
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
  const auto trained = parts_.agent.train();
  parts_.events.record(TrainingStep{parts_.clock.now(), trained.step, trained.loss, trained.epsilon,
                                    trained.q_spread, trained.replay_size});
}

void LiveExplorer::tell(const Candidate& candidate, ArmId arm, const Execution& execution) {
  QueryObserved event;
  event.time = parts_.clock.now();
  event.fingerprint = candidate.evidence->fingerprint;
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
