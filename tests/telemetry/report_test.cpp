#include "telemetry/report.h"

#include <gtest/gtest.h>

namespace hintd::telemetry {
namespace {

EvaluatedQuery evaluated(double default_ms, double learned_ms, double oracle_ms, double ci_low = 1,
                         double ci_high = 1) {
  EvaluatedQuery query;
  query.default_ms = default_ms;
  query.learned_ms = learned_ms;
  query.oracle_ms = oracle_ms;
  query.ratio = learned_ms / default_ms;
  query.ci_low = ci_low;
  query.ci_high = ci_high;
  return query;
}

TEST(ReportTest, GainCapturedIsTheShareOfTheOraclesGain) {
  const auto split = summarise({evaluated(100, 40, 20), evaluated(100, 100, 100)});
  EXPECT_DOUBLE_EQ(split.default_ms, 200);
  EXPECT_DOUBLE_EQ(split.learned_ms, 140);
  EXPECT_DOUBLE_EQ(split.oracle_ms, 120);
  EXPECT_DOUBLE_EQ(*split.gain_captured, 0.75);
  EXPECT_DOUBLE_EQ(split.oracle_speedup, 200.0 / 120);
}

TEST(ReportTest, NothingIsCapturedWhereNothingIsToBeGained) {
  EXPECT_FALSE(summarise({evaluated(100, 90, 100)}).gain_captured.has_value());
  EXPECT_FALSE(summarise({}).gain_captured.has_value());
}

TEST(ReportTest, OnlySignificantChangesBeyondTenPercentCount) {
  const auto split = summarise({
      evaluated(100, 50, 50, 0.4, 0.6),    // improved
      evaluated(100, 50, 50, 0.4, 1.2),    // not significant
      evaluated(100, 95, 50, 0.94, 0.96),  // too little
      evaluated(100, 120, 50, 1.1, 1.3),   // regressed
      evaluated(100, 130, 50, 0.9, 1.5),   // not significant
  });
  EXPECT_DOUBLE_EQ(split.improved_share, 0.2);
  EXPECT_DOUBLE_EQ(split.regressed_share, 0.2);
  EXPECT_DOUBLE_EQ(split.worst_ratio, 1.3);
  EXPECT_DOUBLE_EQ(split.per_query.front().ratio, 1.3);
}

TEST(ReportTest, TheBestFiveAreThoseThatGainMostTime) {
  std::vector<EvaluatedQuery> queries(5, evaluated(1000, 10, 10));
  queries.push_back(evaluated(30, 10, 10));  // a greater ratio than the one below, less time
  queries.push_back(evaluated(90, 50, 50));
  const auto split = summarise(queries);
  EXPECT_DOUBLE_EQ(split.oracle_speedup_without_best_five, 120.0 / 60);
}

TEST(ReportTest, PercentilesInterpolateBetweenNeighbours) {
  std::vector<double> latencies;
  for (int i = 100; i >= 0; --i) latencies.push_back(i);
  const auto found = percentiles(latencies);
  EXPECT_DOUBLE_EQ(found.p50, 50);
  EXPECT_DOUBLE_EQ(found.p95, 95);
  EXPECT_DOUBLE_EQ(found.p99, 99);
}

TEST(ReportTest, ThinningKeepsTheLimitAndTheMean) {
  std::vector<LearningPoint> points;
  for (int i = 0; i < 1001; ++i) points.push_back({i, i % 2 == 0 ? 1.0 : 3.0, 0.5, 0});
  const auto thinned = thin(points, 500);
  EXPECT_LE(thinned.size(), 500U);
  EXPECT_EQ(thinned.back().step, 1000);
  EXPECT_DOUBLE_EQ(thinned.front().epsilon, 0.5);
  EXPECT_NEAR(thinned.front().loss, 5.0 / 3, 1e-12);
}

TEST(ReportTest, AShortCurveStaysAsItIs) {
  EXPECT_EQ(thin({{1, 2, 3, 4}}, 500).size(), 1U);
  EXPECT_TRUE(thin({}, 500).empty());
}

TEST(ReportTest, APhaseWithoutQueriesHasNoFailures) {
  const PhaseReport phase;
  EXPECT_DOUBLE_EQ(phase.success_rate(), 1);
  EXPECT_DOUBLE_EQ(phase.queries_per_hour(), 0);
}

}  // namespace
}  // namespace hintd::telemetry
