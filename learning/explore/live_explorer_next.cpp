#include <algorithm>

#include "learning/explore/live_explorer.h"
#include "learning/explore/plan_belief.h"

// What the explorer does next for a template, and what that promises.
namespace hintd::learning {
namespace {

// Tries have a score of their own (plan_belief.h); these say what other steps take and win.
constexpr double kUnknownPromise = 0.5;  // part of a statement's time, before any was searched
constexpr double kPlanningMs = 40;       // of all arms
constexpr double kProofRuns = 4;         // of the default, to verify a rule
constexpr double kBegunProof = 2;        // how much more one that goes on counts

// A plan that was stopped is worth another try only with clearly more time.
constexpr double kMoreTime = 1.4;
// An arm with workers saves so much of one statement: then the others are to tell, too.
constexpr double kClearlyFaster = 0.8;

// The least latency known, for a plan with or without workers. A plan with workers counts for one
// without as it would run beside the default: there the other may be worth more.
double best_to_beat(const StatementEvidence& statement, bool parallel) {
  double best = statement.default_ms();
  for (std::size_t arm = 1; arm < statement.group_of_arm.size(); ++arm) {
    const auto id = static_cast<ArmId>(arm);
    const auto& runs = statement.runs_of(id);
    if (!runs.measured() || runs.unusable || statement.group_of_arm[arm] == 0) continue;
    const double beside = mean_slow_down(slow_downs(runs.parallel && !parallel, {})) /
                          mean_slow_down(slow_downs(false, {}));
    best = std::min(best, runs.latency_ms() * beside);
  }
  return best;
}

bool clearly_faster_on_another(const std::vector<const StatementEvidence*>& statements,
                               const StatementEvidence& this_one, ArmId arm) {
  return std::any_of(statements.begin(), statements.end(), [&](const auto* other) {
    return other != &this_one && other->ratio(arm).value_or(1) < kClearlyFaster;
  });
}

}  // namespace

LiveExplorer::Step LiveExplorer::next_step(Template& work) const {
  const double gain = known_gain(work) - work.proposed_gain;
  if (work.proposals > 0)
    return {Step::Kind::kVerify, kBegunProof * std::max(gain / kProofRuns, config_.stop_gain)};
  const auto pool = search_pool(work);
  Step best;
  const bool too_fast = std::all_of(pool.begin(), pool.end(), [&](const Candidate* candidate) {
    return candidate->evidence->observed_ms < parts_.rules.config().min_latency_ms;
  });
  if (too_fast) return best;
  const auto consider = [&](Step step) {
    if (step.score > std::max(best.score, config_.stop_gain)) best = std::move(step);
  };
  consider({Step::Kind::kPropose, gain / kProofRuns});
  if (auto tries = best_tries(pool); !tries.empty())
    consider({Step::Kind::kTry, tries.front().score, nullptr, std::move(tries)});
  for (auto* candidate : pool) {
    const auto& statement = *candidate->evidence;
    if (statement.default_ms() > 0) continue;
    const double promise = hope(pool, *candidate) * statement.observed_ms;
    // The default's run is followed by one at least of another plan.
    if (!statement.planned())
      consider({Step::Kind::kPlan, promise / (kPlanningMs + 2 * statement.observed_ms), candidate});
    else
      consider({Step::Kind::kDefault, promise / (2 * statement.observed_ms), candidate});
  }
  return best;
}

double LiveExplorer::known_gain(const Template& work) const {
  double default_ms = 0;
  double best_ms = 0;
  for (const auto& candidate : work.pool) {
    if (candidate.evidence->default_ms() <= 0) continue;
    default_ms += candidate.evidence->default_ms();
    best_ms += candidate.evidence->best().second;
  }
  return default_ms > 0 ? 1 - best_ms / default_ms : 0;
}

double LiveExplorer::hope(const std::vector<Candidate*>& pool, const Candidate& candidate) const {
  double searched_ms = 0;
  double saved_ms = 0;
  for (const auto* other : pool) {
    const auto& statement = *other->evidence;
    if (statement.default_ms() <= 0) continue;
    searched_ms += statement.observed_ms;
    saved_ms += statement.observed_ms * (1 - statement.best().second / statement.default_ms());
  }
  const double found = searched_ms > 0 ? saved_ms / searched_ms : 0;
  // What the others showed says little of one that is much slower.
  const double own_ms = candidate.evidence->observed_ms;
  return std::max(found, kUnknownPromise * own_ms / (searched_ms + own_ms));
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
      const auto belief = believe(heads, statement, group, others);
      const auto gain =
          runs.parallel && clearly_faster_on_another(others, statement, arm)
              ? whole_gain(belief, statement.default_ms(), runs.longer_than_ms)
              : best_gain(belief, statement.default_ms(), best_to_beat(statement, runs.parallel),
                          kMoreTime * runs.longer_than_ms);
      if (gain.score > 0) tries.push_back({candidate, arm, gain.timeout_ms, gain.score});
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

}  // namespace hintd::learning
