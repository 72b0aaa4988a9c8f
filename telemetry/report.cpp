#include "telemetry/report.h"

#include <algorithm>
#include <cmath>

#include "core/statistics.h"

namespace hintd::telemetry {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double speedup(double default_ms, double other_ms) {
  return other_ms > 0 ? default_ms / other_ms : 1;
}

double oracle_speedup_without_best(std::vector<EvaluatedQuery> queries, std::size_t best) {
  std::ranges::sort(queries, std::greater{},
                    [](const EvaluatedQuery& query) { return query.default_ms - query.oracle_ms; });
  double default_ms = 0;
  double oracle_ms = 0;
  for (std::size_t i = best; i < queries.size(); ++i) {
    default_ms += queries[i].default_ms;
    oracle_ms += queries[i].oracle_ms;
  }
  return speedup(default_ms, oracle_ms);
}

}  // namespace

double PhaseReport::success_rate() const {
  return 1 - share(failures, queries);
}

double PhaseReport::hinted_share() const {
  return share(hinted, queries);
}

double PhaseReport::queries_per_hour() const {
  const double hours = std::chrono::duration<double, std::ratio<3600>>(ended - started).count();
  return hours > 0 ? static_cast<double>(queries) / hours : 0;
}

SplitReport summarise(std::vector<EvaluatedQuery> queries) {
  SplitReport split;
  if (queries.empty()) return split;
  std::ranges::sort(queries, std::greater{}, &EvaluatedQuery::ratio);
  std::int64_t improved = 0;
  std::int64_t regressed = 0;
  for (const auto& query : queries) {
    split.default_ms += query.default_ms;
    split.learned_ms += query.learned_ms;
    split.oracle_ms += query.oracle_ms;
    improved += query.improved();
    regressed += query.regressed();
  }
  const auto count = static_cast<std::int64_t>(queries.size());
  split.improved_share = share(improved, count);
  split.regressed_share = share(regressed, count);
  split.worst_ratio = queries.front().ratio;
  split.speedup = speedup(split.default_ms, split.learned_ms);
  split.oracle_speedup = speedup(split.default_ms, split.oracle_ms);
  split.oracle_speedup_without_best_five = oracle_speedup_without_best(queries, 5);
  if (const double gain = split.default_ms - split.oracle_ms; gain > 0)
    split.gain_captured = (split.default_ms - split.learned_ms) / gain;
  split.per_query = std::move(queries);
  return split;
}

Percentiles percentiles(const std::vector<double>& latencies) {
  return {quantile(latencies, 0.5), quantile(latencies, 0.95), quantile(latencies, 0.99)};
}

std::vector<LearningPoint> thin(const std::vector<LearningPoint>& points, std::size_t limit) {
  const std::size_t width = (points.size() + limit - 1) / limit;
  std::vector<LearningPoint> thinned;
  for (std::size_t begin = 0; begin < points.size(); begin += width) {
    const auto end = std::min(points.size(), begin + width);
    const auto n = static_cast<double>(end - begin);
    LearningPoint mean{points[end - 1].step, 0, 0, 0};
    for (auto i = begin; i < end; ++i) {
      mean.loss += points[i].loss / n;
      mean.epsilon += points[i].epsilon / n;
      mean.q_spread += points[i].q_spread / n;
    }
    thinned.push_back(mean);
  }
  return thinned;
}

}  // namespace hintd::telemetry
