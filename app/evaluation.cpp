#include "app/evaluation.h"

#include "app/side_by_side.h"
#include "core/statistics.h"

namespace hintd::app {

Evaluation::Evaluation(int pairs, EvaluationParts parts, Rng rng)
    : pairs_(pairs), parts_(parts), rng_(rng), oracle_(parts.catalogue, parts.executor) {}

Result<QueryEvaluated> Evaluation::evaluate(const std::string& split, const std::string& name,
                                            const Statement& statement) {
  const auto& sql = statement.sql;
  const auto& plain = parts_.catalogue[kDefaultArm];
  HINTD_TRY_STATUS(parts_.executor.run(sql, plain, kNoTimeout));  // warms the cache for both sides
  HINTD_TRY(const auto first, parts_.session.run(statement));

  const auto planned = [&]() -> Result<Millis> {
    HINTD_TRY(const auto execution, parts_.executor.run(sql, plain, kNoTimeout));
    return execution.latency;
  };
  const auto learned = [&]() -> Result<Millis> {
    HINTD_TRY(const auto served, parts_.session.run(statement));
    return served.latency;
  };
  HINTD_TRY(const auto sides, run_side_by_side(pairs_, planned, learned, rng_));

  QueryEvaluated result;
  result.time = parts_.clock.now();
  result.split = split;
  result.query = name;
  result.fingerprint = first.parsed.query_template->fingerprint;
  result.arm = first.decision.arm;
  result.reason = first.decision.reason;
  result.default_ms = median(sides.default_ms);
  result.learned_ms = median(sides.hinted_ms);
  result.ratio = result.learned_ms / result.default_ms;
  result.ci_low = sides.ratio.low;
  result.ci_high = sides.ratio.high;
  result.pairs = static_cast<int>(sides.default_ms.size());
  // What the learned side reached can be reached.
  const OracleResult reached = result.learned_ms < result.default_ms
                                   ? OracleResult{result.arm, result.learned_ms, 0}
                                   : OracleResult{kDefaultArm, result.default_ms, 0};
  HINTD_TRY(const auto best, oracle_.best_of(sql, reached));
  result.oracle_arm = best.arm;
  result.oracle_ms = best.ms;
  result.distinct_plans = best.distinct_plans;
  parts_.events.record(result);
  return result;
}

}  // namespace hintd::app
