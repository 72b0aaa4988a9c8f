#include "telemetry/latency_points.h"

#include <gtest/gtest.h>

namespace hintd::telemetry {
namespace {

// One statement a second, from `start` s on.
std::vector<LatencySample> statements(int count, int start, std::size_t phase, double latency_ms) {
  std::vector<LatencySample> samples;
  for (int i = 0; i < count; ++i)
    samples.push_back({TimePoint{std::chrono::seconds{start + i}}, phase, latency_ms});
  return samples;
}

TEST(LatencyPointsTest, NothingRanNothingIsPlotted) {
  EXPECT_TRUE(latency_points({}, 3).empty());
}

TEST(LatencyPointsTest, APhaseOfFewStatementsIsOnePoint) {
  const auto points = latency_points(statements(10, 0, 0, 4), 1);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].queries, 10);
  EXPECT_EQ(points[0].p50, 4);
}

TEST(LatencyPointsTest, NoPointMixesPhases) {
  auto samples = statements(90, 0, 0, 2);
  const auto second = statements(300, 90, 2, 8);
  samples.insert(samples.end(), second.begin(), second.end());
  std::int64_t counted = 0;
  const auto points = latency_points(samples, 3);
  EXPECT_GT(points.size(), 2U);
  for (const auto& point : points) {
    EXPECT_EQ(point.p50, point.phase == 0 ? 2 : 8);
    EXPECT_EQ(point.p95, point.p50);
    counted += point.queries;
  }
  EXPECT_EQ(counted, 390);
}

TEST(LatencyPointsTest, ManyStatementsAreAboutAsManyPointsAsAPlotHolds) {
  const auto points = latency_points(statements(60'000, 0, 0, 1), 1);
  EXPECT_GT(points.size(), kLatencyPoints * 9 / 10);
  EXPECT_LE(points.size(), kLatencyPoints);
}

}  // namespace
}  // namespace hintd::telemetry
