#include "learning/policy/paired_runs.h"

#include <algorithm>
#include <array>

#include "learning/policy/pair_bounds.h"

namespace hintd::learning {
namespace {

// Past so many times what the candidate may take and still save what is wanted the default says
// little more, and slow statements are what proofs wait for: it is stopped there, and counts as
// though it had ended.
constexpr double kEnoughSlower = 4;

}  // namespace

double saving_of(const PairResult& pair) {
  return std::max(1 - pair.candidate_ms / pair.deployed_ms, kWorstSaving);
}

double PairedRuns::enough_slower() const {
  return kEnoughSlower / std::max(1 - min_improvement_, 0.01);
}

PairResult PairedRuns::as_stopped(PairResult pair) const {
  const bool deployed_alike = pair.deployed_ms == pair.default_ms;
  pair.default_ms = std::min(pair.default_ms, enough_slower() * pair.candidate_ms);
  if (deployed_alike) pair.deployed_ms = pair.default_ms;
  return pair;
}

// What the candidate should take; 0 where its arm never ran.
Millis PairedRuns::expected(const ChangedStatement& changed) const {
  const auto& parsed = changed.statement->parsed;
  const auto fingerprint = parsed.query_template->fingerprint;
  const auto known = memory_.templates().find(fingerprint);
  if (known == memory_.templates().end()) return Millis(0);
  const auto statement = known->second.find(PlanMemory::id_of(fingerprint, parsed.literals));
  if (statement == known->second.end() || !statement->second.planned()) return Millis(0);
  const auto& runs = statement->second.runs_of(changed.candidate.arm);
  if (!runs.measured()) return Millis(0);
  return changed.candidate.patience + Millis(runs.latency_ms());
}

// No side shall always find the cache warm.
Result<std::optional<PairResult>> PairedRuns::run(const ChangedStatement& changed, int number,
                                                  Default run_default) {
  const bool may_stop = run_default == Default::kStopped && changed.candidate.arm != kDefaultArm;
  auto candidate_takes = may_stop ? expected(changed) : Millis(0);
  bool stopped = false;
  std::array<Decision, 3> decisions = {Decision{}, changed.deployed, changed.candidate};
  std::array<double, 3> ms{};
  std::array<std::int64_t, 3> rows{};
  for (int turn = 0; turn < 3; ++turn) {
    const auto side = static_cast<std::size_t>((number % 2 == 0 ? turn : 2 - turn));
    if (side != 0 && decisions[side].runs_like(decisions[0])) continue;
    if (side == 0) decisions[0].deadline = enough_slower() * candidate_takes;
    const auto run = sandbox_.run(*changed.statement, decisions[side]);
    if (!run && run.error().kind == ErrorKind::kUnavailable)
      return tl::make_unexpected(run.error());
    if (!run) return std::optional<PairResult>{};
    ms[side] = std::max(run->latency.count(), 1e-3);
    rows[side] = run->rows;
    if (side == 0) stopped = run->timed_out;
    if (side == 2 && may_stop) candidate_takes = run->latency;
  }
  for (const std::size_t side : {1, 2}) {
    if (ms[side] > 0) continue;
    ms[side] = ms[0];
    rows[side] = rows[0];
  }
  const auto joined_after =
      changed.candidate.joins_in() ? changed.candidate.patience : Millis::zero();
  return std::optional<PairResult>(
      {changed.statement->parsed.query_template->fingerprint, changed.statement->parsed.literals,
       changed.candidate.arm, joined_after, ms[0], ms[1], ms[2], stopped || rows[2] == rows[0]});
}

}  // namespace hintd::learning
