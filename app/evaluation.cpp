#include "app/evaluation.h"

#include <algorithm>
#include <set>

#include "core/statistics.h"

namespace hintd::app {
namespace {

constexpr int kOracleRuns = 3;
// Where a query counts as improved or regressed. While the interval of its ratio holds one of these
// lines, more pairs are run, up to kMostPairs times as many.
constexpr double kImproved = 0.9;
constexpr double kRegressed = 1.1;
constexpr int kMostPairs = 3;
constexpr Millis kNoTimeout{0};

}  // namespace

Evaluation::Evaluation(int pairs, EvaluationParts parts, Rng rng)
    : pairs_(pairs), parts_(parts), rng_(rng), wins_(parts.catalogue.size(), 0) {}

Result<QueryEvaluated> Evaluation::evaluate(const std::string& split, const std::string& name,
                                            const Statement& statement) {
  const auto& sql = statement.sql;
  const auto& plain = parts_.catalogue[kDefaultArm];
  HINTD_TRY_STATUS(parts_.executor.run(sql, plain, kNoTimeout));  // warms the cache for both sides
  HINTD_TRY(const auto first, parts_.session.run(statement));

  std::vector<double> default_ms;
  std::vector<double> learned_ms;
  Interval interval;
  const auto undecided = [&] {
    const auto has = [&](double line) { return interval.low < line && line < interval.high; };
    return has(kImproved) || has(kRegressed);
  };
  while (static_cast<int>(default_ms.size()) < pairs_ ||
         (undecided() && static_cast<int>(default_ms.size()) < kMostPairs * pairs_)) {
    const bool learned_first = default_ms.size() % 2 == 1;
    for (const bool learned : {learned_first, !learned_first}) {
      if (learned) {
        HINTD_TRY(const auto served, parts_.session.run(statement));
        learned_ms.push_back(served.latency.count());
      } else {
        HINTD_TRY(const auto execution, parts_.executor.run(sql, plain, kNoTimeout));
        default_ms.push_back(execution.latency.count());
      }
    }
    interval = bootstrap_ratio_of_medians(learned_ms, default_ms, rng_);
  }

  QueryEvaluated result;
  result.time = parts_.clock.now();
  result.split = split;
  result.query = name;
  result.fingerprint = first.parsed.query_template->fingerprint;
  result.arm = first.decision.arm;
  result.reason = first.decision.reason;
  result.default_ms = median(default_ms);
  result.learned_ms = median(learned_ms);
  result.ratio = result.learned_ms / result.default_ms;
  result.ci_low = interval.low;
  result.ci_high = interval.high;
  result.pairs = static_cast<int>(default_ms.size());
  // What the learned side reached can be reached.
  const Oracle reached = result.learned_ms < result.default_ms
                             ? Oracle{result.arm, result.learned_ms, 0}
                             : Oracle{kDefaultArm, result.default_ms, 0};
  HINTD_TRY(const auto best, oracle(sql, reached));
  result.oracle_arm = best.arm;
  result.oracle_ms = best.ms;
  result.distinct_plans = best.distinct_plans;
  parts_.events.record(result);
  return result;
}

std::vector<ArmId> Evaluation::arms_by_wins() const {
  std::vector<ArmId> arms;
  for (std::size_t arm = 0; arm < parts_.catalogue.size(); ++arm)
    arms.push_back(static_cast<ArmId>(arm));
  std::stable_sort(arms.begin() + 1, arms.end(),
                   [&](ArmId a, ArmId b) { return wins_[a] > wins_[b]; });
  return arms;
}

Result<Evaluation::Oracle> Evaluation::oracle(const std::string& sql, Oracle reached) {
  Oracle best = reached;
  std::set<std::uint64_t> seen;
  // The default first, so that its plan is not run again; then what won often: a small best latency
  // soon makes the other runs short.
  for (const auto arm : arms_by_wins()) {
    const auto& hint_set = parts_.catalogue[arm];
    HINTD_TRY(const auto plan, parts_.executor.explain(sql, hint_set));
    if (!seen.insert(plan.identity(hint_set)).second || arm == kDefaultArm) continue;
    // Slower than the best one known: it cannot be the oracle's, so it need not finish.
    HINTD_TRY(const auto run, parts_.executor.run(sql, hint_set, Millis(best.ms)));
    if (!run.timed_out && run.latency.count() < best.ms) {
      best.arm = arm;
      best.ms = run.latency.count();
    }
  }
  const auto distinct_plans = static_cast<int>(seen.size());
  if (best.arm == reached.arm) {
    best = reached;
  } else {
    // The smallest of many single runs flatters: the winner is measured again.
    std::vector<double> again;
    for (int run = 0; run < kOracleRuns; ++run) {
      HINTD_TRY(const auto execution,
                parts_.executor.run(sql, parts_.catalogue[best.arm], kNoTimeout));
      again.push_back(execution.latency.count());
    }
    best.ms = median(again);
    if (best.ms >= reached.ms) best = reached;
  }
  ++wins_[best.arm];
  best.distinct_plans = distinct_plans;
  return best;
}

}  // namespace hintd::app
