#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <tuple>

#include "core/log.h"
#include "learning/explore/live_explorer.h"
#include "learning/explore/plan_belief.h"

// How a proposed rule is verified: its arms beside the default, one after the other and at once.
namespace hintd::learning {
namespace {

constexpr double kVerifySlack = 1.3;  // an arm in a pair may take this much longer than the default
constexpr std::size_t kBesideRuns = 2;  // of each arm that a rule would hedge

RunChoice choice_for(const TemplateRule& rule, const StatementEvidence& statement) {
  return rule.choice_for(statement.literals, statement.default_shape);
}

}  // namespace

Status LiveExplorer::verify(Template& work) {
  for (const auto& [arm, candidate] : slowest_by_arm(work)) {
    if (!candidate->evidence->planned()) return plan(*candidate);
    if (needs_pair(*candidate, arm)) return run_pair(work, *candidate, arm);
    if (auto* unproved = fastest_unproved(work, arm)) {
      if (!unproved->evidence->planned()) return plan(*unproved);
      return run_pair(work, *unproved, arm);
    }
    if (auto* rival = strongest_rival(work, arm)) return run_beside(*rival, arm);
  }
  propose(work);
  return {};
}

std::map<ArmId, LiveExplorer::Candidate*> LiveExplorer::slowest_by_arm(Template& work) const {
  std::map<ArmId, Candidate*> slowest;
  for (auto& candidate : work.pool) {
    if (candidate.failed) continue;
    const auto arm = choice_for(work.proposal, *candidate.evidence).arm;
    if (arm == kDefaultArm) continue;
    auto& found = slowest[arm];
    if (found == nullptr || found->evidence->usual_ms() < candidate.evidence->usual_ms())
      found = &candidate;
  }
  return slowest;
}

bool LiveExplorer::needs_pair(const Candidate& candidate, ArmId arm) const {
  const auto& statement = *candidate.evidence;
  const auto& runs = statement.runs_of(arm);
  if (statement.group_of_arm[arm] == 0 || runs.unusable || runs.paired()) return false;
  return statement.default_ms() <= 0 ||
         runs.longer_than_ms <= kVerifySlack * statement.default_ms();
}

LiveExplorer::Candidate* LiveExplorer::fastest_unproved(Template& work, ArmId arm) const {
  std::vector<Candidate*> taken_over;
  for (auto& candidate : work.pool) {
    const auto choice = choice_for(work.proposal, *candidate.evidence);
    if (!candidate.failed && choice.arm == arm && choice.takes_over &&
        candidate.evidence->usual_ms() > choice.patience.count())
      taken_over.push_back(&candidate);
  }
  std::stable_sort(taken_over.begin(), taken_over.end(), [](auto* a, auto* b) {
    return a->evidence->usual_ms() < b->evidence->usual_ms();
  });
  int proved = 0;
  for (auto* candidate : taken_over) {
    const auto& statement = *candidate->evidence;
    const bool tried = statement.planned() &&
                       (statement.group_of_arm[arm] == 0 || statement.runs_of(arm).unusable ||
                        statement.runs_of(arm).paired() || statement.runs_of(arm).tried());
    if (!tried) return proved < parts_.rules.config().min_statements ? candidate : nullptr;
    ++proved;
  }
  return nullptr;
}

LiveExplorer::Candidate* LiveExplorer::strongest_rival(Template& work, ArmId arm) const {
  Candidate* strongest = nullptr;
  std::tuple<std::size_t, double, double> best;
  std::size_t measured = 0;
  for (auto& candidate : work.pool) {
    const auto& statement = *candidate.evidence;
    if (candidate.failed || !statement.planned() || statement.group_of_arm[arm] == 0) continue;
    const auto& runs = statement.runs_of(arm);
    measured += runs.slow_downs.size();
    const auto choice = choice_for(work.proposal, statement);
    if (choice.arm != arm || choice.takes_over || runs.parallel || runs.unusable ||
        statement.usual_ms() <= choice.patience.count())
      continue;
    const double ratio = statement.ratio(arm).value_or(statement.ratio_bound(arm));
    const std::tuple rank(kBesideRuns - std::min(kBesideRuns, runs.slow_downs.size()),
                          std::min(ratio, 1.0), statement.usual_ms());
    if (strongest != nullptr && rank <= best) continue;
    strongest = &candidate;
    best = rank;
  }
  return measured < kBesideRuns ? strongest : nullptr;
}

Status LiveExplorer::run_beside(Candidate& candidate, ArmId arm) {
  const Millis longest(config_.max_statement_ms);
  const auto& plain = parts_.catalogue[kDefaultArm];
  const auto run_default = [&]() -> Result<Execution> {
    auto run = parts_.executor.run(candidate.sql, plain, longest);
    if (run) {
      tell(candidate, kDefaultArm, *run);
      spent_ms_ += run->latency.count();
      ++tries_;
    }
    return run;
  };
  // Fills the caches: what ran before may have emptied them.
  const auto first = run_default();
  if (!first) return give_up_on(candidate, first.error());
  Result<Execution> other;
  std::atomic<bool> ended = false;
  std::thread beside([&] {
    do other = parts_.beside.run(candidate.sql, parts_.catalogue[arm], longest);
    while (other && !ended);
  });
  const auto together = run_default();
  ended = true;
  parts_.beside.cancel_through(parts_.executor);
  beside.join();
  if (!together) return give_up_on(candidate, together.error());
  if (!other) return give_up_on(candidate, other.error());
  const auto alone = run_default();
  if (!alone) return give_up_on(candidate, alone.error());
  candidate.evidence->runs_of(arm).slow_downs.push_back(together->latency / alone->latency);
  return {};
}

Status LiveExplorer::run_pair(Template& work, Candidate& candidate, ArmId arm) {
  auto& statement = *candidate.evidence;
  auto& runs = statement.runs_of(arm);
  const double usual_ms = std::max(statement.default_ms(), statement.observed_ms);
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

}  // namespace hintd::learning
