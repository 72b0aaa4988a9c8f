#include "app/evaluation.h"

#include "core/statistics.h"

namespace hintd::app {
namespace {

// Where a query counts as improved or regressed. While the interval of its ratio holds one of these
// lines, more is run: up to kMostRounds times as many looks at the interval as the first has pairs.
constexpr double kImproved = 0.9;
constexpr double kRegressed = 1.1;
constexpr int kMostRounds = 3;
// Fast statements get more pairs before each look, so that a short disturbance is not all it saw.
constexpr Millis kLeastRound{50};
constexpr Millis kNoTimeout{0};

}  // namespace

Evaluation::Evaluation(int pairs, EvaluationParts parts, Rng rng)
    : pairs_(pairs), parts_(parts), rng_(rng), oracle_(parts.catalogue, parts.executor) {}

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
  const auto run = [&](int pairs) -> Status {
    const Stopwatch watch;
    for (int pair = 0; pair < pairs || watch.elapsed() < kLeastRound; ++pair) {
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
    }
    interval = bootstrap_ratio_of_medians(learned_ms, default_ms, rng_);
    return {};
  };
  HINTD_TRY_STATUS(run(pairs_));
  for (int looks = pairs_; looks < kMostRounds * pairs_ && undecided(); ++looks)
    HINTD_TRY_STATUS(run(1));

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
