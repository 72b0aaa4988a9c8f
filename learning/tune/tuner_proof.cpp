// The second half of the tuner: proof, and what comes of it.
#include <array>

#include "core/check.h"
#include "core/log.h"
#include "learning/tune/tuner_work.h"

namespace hintd::learning {
namespace {

// A plan under proof is stopped when it takes that much longer than the default.
constexpr double kProofSlack = 1.5;
constexpr Millis kShortestLimit{10};
constexpr double kTwoSided95 = 1.96;
constexpr double kLeastCost = 0.01;  // of a proof, in executions of the default

bool same_result(const Execution& a, const Execution& b) {
  return a.rows == b.rows && a.result_hash == b.result_hash;
}

}  // namespace

double Tuner::likely_ratio(const Work& work) const {
  const auto group = work.candidate != 0 ? work.candidate : work.best_group();
  return work.evidence->groups[group].latency_ms() / work.default_ms();
}

double Tuner::proof_cost(const Work& work) const {
  const double ratio = likely_ratio(work);
  if (work.test) return work.test->executions_left(ratio);
  PairNoise noise = noise_;
  return PairedTest(config_.confirm, noise).executions_left(ratio);
}

// The one that wins most for what its proof still takes.
Tuner::Work* Tuner::next_to_prove() {
  Work* next = nullptr;
  double most = 0;
  for (auto* work : explored_) {
    if (work->settled || !work->left_out.empty()) continue;
    const double worth = (1 - likely_ratio(*work)) / std::max(proof_cost(*work), kLeastCost);
    if (next == nullptr || worth > most) {
      next = work;
      most = worth;
    }
  }
  return next;
}

// The fastest group that was not refuted, if it is worth a proof. Pairs of an earlier run count.
void Tuner::next_candidate(Work& work) {
  const auto& groups = work.evidence->groups;
  std::size_t best = 0;
  for (std::size_t group = 1; group < groups.size(); ++group)
    if (groups[group].measured() && !groups[group].unusable && !work.refuted.contains(group) &&
        groups[group].latency_ms() < groups[best].latency_ms())
      best = group;
  const bool enough = static_cast<int>(work.refuted.size()) >= config_.most_candidates;
  work.test.reset();
  work.candidate = 0;
  if (best == 0 || enough) {
    work.settled = true;
    return;
  }
  work.test.emplace(config_.confirm, noise_);
  work.candidate = best;
  for (const double ratio : groups[best].paired_ratios) judge(work, ratio);
  if (work.settled || work.candidate == 0) return;
  if (!work.test->worth_starting(groups[best].latency_ms() / work.default_ms())) {
    work.unproved = "too little faster to be proved";
    work.settled = true;
  }
}

void Tuner::judge(Work& work, double ratio) {
  if (work.candidate == 0 || work.settled) return;
  switch (work.test->add(ratio, false)) {
    case PairVerdict::kMorePairs:
      return;
    case PairVerdict::kFaster:
      work.confirmed = work.candidate;
      work.settled = true;
      work.unproved.clear();
      return;
    case PairVerdict::kNotFaster:
      work.unproved = "the pairs did not show that it is faster";
      work.refuted.insert(work.candidate);
      work.candidate = 0;
  }
}

Status Tuner::confirm() {
  auto* work = next_to_prove();
  if (work == nullptr) {
    stage_ = Stage::kSpread;
    return {};
  }
  if (work->candidate == 0) {
    next_candidate(*work);
    return {};
  }
  if (left() < Millis(work->default_ms() + work->best_ms())) {
    work->unproved = "the budget ended before its proof";
    work->settled = true;
    return {};
  }
  auto& runs = work->evidence->groups[work->candidate];
  const auto before = runs.paired_ratios.size();
  HINTD_TRY_STATUS(run_pair(*work, work->candidate));
  if (runs.unusable) {
    work->unproved = "it failed, or gave another result than the default";
    work->refuted.insert(work->candidate);
    work->candidate = 0;
  } else if (runs.paired_ratios.size() > before) {
    judge(*work, runs.paired_ratios.back());
  }
  return {};
}

// One side of a pair; empty where it showed that the statement or the group cannot be used.
Status Tuner::run_side(Work& work, std::size_t group, Millis limit,
                       std::optional<Execution>& side) {
  const auto run = timed(times_.confirming, [&] {
    return parts_.executor.run(work.statement->sql, parts_.catalogue[work.arm_of(group)], limit);
  });
  if (!run && run.error().kind == ErrorKind::kUnavailable) return tl::make_unexpected(run.error());
  if (run && (group != 0 || !run->timed_out)) {
    side = *run;
  } else if (group == 0) {
    work.left_out = run ? "its default no longer ends in time" : run.error().message;
  } else {
    work.evidence->groups[group].unusable = true;
  }
  return {};
}

Status Tuner::run_pair(Work& work, std::size_t group) {
  auto& groups = work.evidence->groups;
  auto& runs = groups[group];
  const Millis limit = std::min(config_.max_statement,
                                std::max(kShortestLimit, Millis(kProofSlack * work.default_ms())));
  std::array<std::optional<Execution>, 2> sides;  // default, group
  const std::size_t first = runs.paired_ratios.size() % 2;
  for (const std::size_t side : {first, 1 - first}) {
    HINTD_TRY_STATUS(run_side(work, side == 0 ? 0 : group,
                              side == 0 ? config_.max_statement : limit, sides[side]));
    if (!sides[side]) return {};
  }
  const auto& [plain, hinted] = sides;
  if (!hinted->timed_out && !same_result(*plain, *hinted)) {
    runs.unusable = true;
    log_warning("other_result", {{"statement", work.statement->name},
                                 {"arm", parts_.catalogue[work.arm_of(group)].name},
                                 {"rows", hinted->rows},
                                 {"default_rows", plain->rows}});
    return {};
  }
  work.result = *plain;
  groups.front().finished_ms.push_back(plain->latency.count());
  if (hinted->timed_out)
    runs.longer_than_ms = std::max(runs.longer_than_ms, limit.count());
  else
    runs.finished_ms.push_back(hinted->latency.count());
  runs.paired_ratios.push_back(hinted->latency / plain->latency);
  return {};
}

Tuner::Works Tuner::template_works(std::uint64_t fingerprint) const {
  Works works;
  for (const auto& work : works_)
    if (work->measured() && work->evidence->fingerprint == fingerprint) works.push_back(work.get());
  return works;
}

// Of the arms confirmed on some of the statements, the one that saves most on them.
ArmId Tuner::leading_arm(const Works& works) const {
  std::vector<double> saved(parts_.catalogue.size(), 0.0);
  for (const auto* work : works) {
    if (work->confirmed == 0) continue;
    const auto& runs = work->evidence->groups[work->confirmed];
    for (std::size_t arm = 1; arm < saved.size(); ++arm)
      if (work->evidence->group_of_arm[arm] == work->confirmed)
        saved[arm] += work->default_ms() * (1 - geometric_mean(runs.paired_ratios));
  }
  return static_cast<ArmId>(std::max_element(saved.begin(), saved.end()) - saved.begin());
}

// Puts a template's leading arm to the proof on its other statements: a hint that is to hold for
// all literals may hurt none that was measured. The fastest statement first: if the arm hurts, then
// there.
Status Tuner::spread() {
  for (const auto& work : works_) {
    const auto fingerprint = work->evidence->fingerprint;
    if (spread_.contains(fingerprint)) continue;
    auto works = template_works(fingerprint);
    const auto arm = leading_arm(works);
    if (arm != kDefaultArm && static_cast<int>(works.size()) >= config_.min_statements) {
      std::stable_sort(works.begin(), works.end(), [](const auto* a, const auto* b) {
        return a->default_ms() < b->default_ms();
      });
      for (auto* one : works) {
        if (!one->evidence->planned()) return plan_arms(*one);
        const auto group = one->evidence->group_of_arm[arm];
        const auto& runs = one->evidence->groups[group];
        if (holds(*one, arm) == Holds::kUnknown && !runs.unusable &&
            left() > Millis(2 * one->default_ms()))
          return run_pair(*one, group);
        if (holds(*one, arm) != Holds::kYes) break;
      }
    }
    spread_.insert(fingerprint);
  }
  stage_ = Stage::kDone;
  return {};
}

Tuner::Holds Tuner::holds(const Work& work, ArmId arm) const {
  if (!work.evidence->planned()) return Holds::kUnknown;
  const auto group = work.evidence->group_of_arm[arm];
  if (group == 0 || group == work.confirmed) return Holds::kYes;
  const auto& runs = work.evidence->groups[group];
  if (runs.unusable || runs.longer_than_ms > (1 + config_.max_regression) * work.default_ms())
    return Holds::kNo;
  const auto pairs = runs.paired_ratios.size();
  if (static_cast<int>(pairs) < config_.confirm.least_pairs) return Holds::kUnknown;
  const double above =
      std::log(geometric_mean(runs.paired_ratios)) - std::log1p(config_.max_regression);
  const double error = std::sqrt(noise_.variance() / static_cast<double>(pairs));
  if (std::abs(above) < error && static_cast<int>(pairs) < config_.confirm.most_pairs)
    return Holds::kUnknown;
  return above <= 0 ? Holds::kYes : Holds::kNo;
}

bool Tuner::proved_on_all(const Works& works, ArmId arm) const {
  const bool no_literals = works.size() == 1 && works.front()->evidence->literals.empty();
  return (no_literals || static_cast<int>(works.size()) >= config_.min_statements) &&
         std::all_of(works.begin(), works.end(),
                     [&](const auto* work) { return holds(*work, arm) == Holds::kYes; });
}

std::vector<StatementOutcome> Tuner::outcomes() const {
  std::vector<StatementOutcome> outcomes;
  for (const auto& work : works_) {
    StatementOutcome outcome;
    outcome.default_ms = outcome.found_ms = work->default_ms();
    if (work->explorable()) {
      const auto& groups = work->evidence->groups;
      outcome.plans = groups.size();
      outcome.tried = static_cast<int>(
          std::count_if(groups.begin(), groups.end(), [](const auto& g) { return g.tried(); }));
      const auto best = work->confirmed != 0 ? work->confirmed : work->best_group();
      outcome.found_ms = groups[best].latency_ms();
      if (best != 0) outcome.hint = parts_.catalogue[work->arm_of(best)].name;
    }
    if (!work->left_out.empty()) {
      outcome.standing = Standing::kLeftOut;
      outcome.reason = work->left_out;
    } else if (work->confirmed != 0) {
      outcome.standing = Standing::kConfirmed;
    } else if (work->measured() && work->default_ms() < config_.min_latency_ms) {
      outcome.standing = Standing::kTooFast;
    } else if (!work->explorable()) {
      outcome.reason = "the budget ended before";
    } else if (!outcome.hint.empty()) {
      outcome.standing = Standing::kUnproved;
      outcome.reason =
          work->unproved.empty() ? "the budget ended before its proof" : work->unproved;
    } else {
      outcome.standing = Standing::kNoWinner;
      outcome.reason = work->unproved;
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

TunedStatement Tuner::evidence_of(const Work& work) const {
  const auto& plain = work.evidence->groups.front();
  const auto& tuned = work.evidence->groups[work.confirmed];
  const auto pairs = static_cast<double>(tuned.paired_ratios.size());
  Rng rng = rng_.split(work.statement->name);
  TunedStatement one;
  one.name = work.statement->name;
  one.literals = work.evidence->literals;
  one.hint = parts_.catalogue[work.arm_of(work.confirmed)].name;
  one.default_ms = median(plain.finished_ms);
  one.tuned_ms = median(tuned.finished_ms);
  one.default_interval = bootstrap_median(plain.finished_ms, rng);
  one.tuned_interval = bootstrap_median(tuned.finished_ms, rng);
  one.ratio = geometric_mean(tuned.paired_ratios);
  const double widening = std::exp(kTwoSided95 * std::sqrt(noise_.variance() / pairs));
  one.ratio_interval = {one.ratio / widening, one.ratio * widening};
  one.pairs = static_cast<int>(tuned.paired_ratios.size());
  one.rows = work.result ? work.result->rows : 0;
  return one;
}

MeasuredPlan Tuner::plan_of(const Work& work, const std::vector<HintSet>& sets) const {
  const auto& evidence = *work.evidence;
  MeasuredPlan plan{evidence.fingerprint, evidence.features, {}};
  for (const auto& set : sets) {
    const auto arm = *parts_.catalogue.find(set.name);
    const auto& runs = evidence.runs_of(arm);
    if (runs.unusable)
      plan.hints.push_back({set.name, 0, true});
    else if (const auto ratio = evidence.ratio(arm))
      plan.hints.push_back({set.name, std::log(*ratio), false});
    else if (runs.longer_than_ms > 0)
      plan.hints.push_back({set.name, std::log(evidence.ratio_bound(arm)), true});
  }
  return plan;
}

TunedPolicy Tuner::policy() const {
  TunedPolicy policy;
  std::set<std::uint64_t> seen;
  std::set<std::string> used;
  for (const auto& first : works_) {
    const auto fingerprint = first->evidence->fingerprint;
    if (!seen.insert(fingerprint).second) continue;
    const auto works = template_works(fingerprint);
    TunedTemplate one;
    one.fingerprint = fingerprint;
    one.normalized = first->statement->parsed.query_template->normalized;
    one.measured = static_cast<int>(works.size());
    for (const auto* work : works)
      if (work->confirmed != 0) one.statements.push_back(evidence_of(*work));
    if (one.statements.empty()) continue;
    if (const auto arm = leading_arm(works); proved_on_all(works, arm))
      one.hint = parts_.catalogue[arm].name;
    for (const auto& statement : one.statements) used.insert(statement.hint);
    if (!one.hint.empty()) used.insert(one.hint);
    policy.templates.push_back(std::move(one));
  }
  for (const auto& set : parts_.catalogue.sets())
    if (used.contains(set.name)) policy.hint_sets.push_back(set);
  for (const auto& work : works_)
    if (work->explorable()) policy.plans.push_back(plan_of(*work, policy.hint_sets));
  return policy;
}

}  // namespace hintd::learning
