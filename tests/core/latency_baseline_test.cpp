#include "core/latency_baseline.h"

#include <gtest/gtest.h>

namespace hintd {
namespace {

constexpr std::uint64_t kMeasured = 7;

LatencyBaseline baseline_of(const std::vector<double>& latencies) {
  LatencyBaseline baseline;
  for (const double ms : latencies) baseline.record(kMeasured, Millis(ms));
  return baseline;
}

TEST(LatencyBaselineTest, SaysNothingBeforeTheThirdRun) {
  const auto baseline = baseline_of({10, 20});
  EXPECT_FALSE(baseline.median(kMeasured).has_value());
  EXPECT_FALSE(baseline.fastest(kMeasured).has_value());
  EXPECT_FALSE(baseline.slowest(kMeasured).has_value());
}

TEST(LatencyBaselineTest, KnowsMedianAndExtremesFromTheThirdRunOn) {
  const auto baseline = baseline_of({30, 10, 20});
  EXPECT_EQ(baseline.median(kMeasured), Millis(20));
  EXPECT_EQ(baseline.fastest(kMeasured), Millis(10));
  EXPECT_EQ(baseline.slowest(kMeasured), Millis(30));
}

TEST(LatencyBaselineTest, TemplatesDoNotMix) {
  auto baseline = baseline_of({10, 10, 10});
  baseline.record(kMeasured + 1, Millis(500));
  EXPECT_EQ(baseline.slowest(kMeasured), Millis(10));
  EXPECT_FALSE(baseline.median(kMeasured + 1).has_value());
}

TEST(LatencyBaselineTest, OneOutlierDoesNotMoveTheMedian) {
  const auto baseline = baseline_of({10, 11, 9000, 10, 9});
  EXPECT_EQ(baseline.median(kMeasured), Millis(10));
  EXPECT_EQ(baseline.slowest(kMeasured), Millis(9000));
}

TEST(LatencyBaselineTest, ForgetsTheOldestRunAfterSixtyFour) {
  LatencyBaseline baseline;
  baseline.record(kMeasured, Millis(1));
  baseline.record(kMeasured, Millis(900));
  for (int i = 2; i < 64; ++i) baseline.record(kMeasured, Millis(50));
  EXPECT_EQ(baseline.fastest(kMeasured), Millis(1));
  baseline.record(kMeasured, Millis(50));
  EXPECT_EQ(baseline.fastest(kMeasured), Millis(50)) << "the run of 1 ms was the oldest";
  EXPECT_EQ(baseline.slowest(kMeasured), Millis(900));
  baseline.record(kMeasured, Millis(50));
  EXPECT_EQ(baseline.slowest(kMeasured), Millis(50));
}

TEST(LatencyBaselineTest, FollowsATemplateThatBecameSlower) {
  LatencyBaseline baseline;
  for (int i = 0; i < 100; ++i) baseline.record(kMeasured, Millis(10));
  for (int i = 0; i < 64; ++i) baseline.record(kMeasured, Millis(80));
  EXPECT_EQ(baseline.median(kMeasured), Millis(80));
  EXPECT_EQ(baseline.fastest(kMeasured), Millis(80));
}

}  // namespace
}  // namespace hintd
