#include "app/evaluation.h"

#include <algorithm>
#include <set>

#include "core/statistics.h"

namespace hintd::app {
namespace {

constexpr int kOracleRuns = 3;
constexpr Millis kNoTimeout{0};

}  // namespace

Evaluation::Evaluation(int pairs, EvaluationParts parts, Rng rng)
    : pairs_(pairs), parts_(parts), rng_(rng) {}

Result<QueryEvaluated> Evaluation::evaluate(const std::string& split, const std::string& name,
                                            const Statement& statement) {
  const auto& sql = statement.sql;
  const auto& plain = parts_.catalogue[kDefaultArm];
  HINTD_TRY_STATUS(parts_.executor.run(sql, plain, kNoTimeout));  // warms the cache for both sides
  HINTD_TRY(const auto first, parts_.session.run(statement));

  std::vector<double> default_ms;
  std::vector<double> learned_ms;
  for (int pair = 0; pair < pairs_; ++pair) {
    const bool learned_first = pair % 2 == 1;
    for (const bool learned : {learned_first, !learned_first}) {
      if (learned) {
        HINTD_TRY(const auto served, parts_.session.run(statement));
        learned_ms.push_back(served.latency.count());
      } else {
        HINTD_TRY(const auto execution, parts_.executor.run(sql, plain, kNoTimeout));
        default_ms.push_back(execution.latency.count());
      }
    }
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
  const auto interval = bootstrap_ratio_of_medians(learned_ms, default_ms, rng_);
  result.ci_low = interval.low;
  result.ci_high = interval.high;
  result.pairs = pairs_;
  HINTD_TRY(const auto best, oracle(sql, result.default_ms));
  result.oracle_arm = best.arm;
  result.oracle_ms = best.ms;
  result.distinct_plans = best.distinct_plans;
  // What the learned side reached can be reached.
  if (result.learned_ms < result.oracle_ms) {
    result.oracle_ms = result.learned_ms;
    result.oracle_arm = result.arm;
  }
  parts_.events.record(result);
  return result;
}

Result<Evaluation::Oracle> Evaluation::oracle(const std::string& sql, double default_ms) {
  Oracle best{kDefaultArm, default_ms, 0};
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < parts_.catalogue.size(); ++i) {
    const auto arm = static_cast<ArmId>(i);
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
  best.distinct_plans = static_cast<int>(seen.size());
  if (best.arm == kDefaultArm) return best;

  // The smallest of many single runs flatters: the winner is measured again.
  std::vector<double> again;
  for (int run = 0; run < kOracleRuns; ++run) {
    HINTD_TRY(const auto execution,
              parts_.executor.run(sql, parts_.catalogue[best.arm], kNoTimeout));
    again.push_back(execution.latency.count());
  }
  best.ms = median(again);
  if (best.ms >= default_ms) best = {kDefaultArm, default_ms, best.distinct_plans};
  return best;
}

}  // namespace hintd::app
