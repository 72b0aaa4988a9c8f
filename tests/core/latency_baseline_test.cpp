#include "core/latency_baseline.h"

#include <gtest/gtest.h>

namespace hintd {
namespace {

constexpr std::uint64_t kTemplate = 7;

LatencyBaseline baseline_of(const std::vector<double>& latencies) {
  LatencyBaseline baseline;
  for (const double ms : latencies) baseline.record(kTemplate, Millis(ms));
  return baseline;
}

TEST(LatencyBaselineTest, SaysNothingBeforeTheThirdRun) {
  const auto baseline = baseline_of({10, 20});
  EXPECT_FALSE(baseline.median(kTemplate).has_value());
  EXPECT_FALSE(baseline.fastest(kTemplate).has_value());
  EXPECT_FALSE(baseline.slowest(kTemplate).has_value());
}

TEST(LatencyBaselineTest, KnowsMedianAndExtremesFromTheThirdRunOn) {
  const auto baseline = baseline_of({30, 10, 20});
  EXPECT_EQ(baseline.median(kTemplate), Millis(20));
  EXPECT_EQ(baseline.fastest(kTemplate), Millis(10));
  EXPECT_EQ(baseline.slowest(kTemplate), Millis(30));
}

TEST(LatencyBaselineTest, TemplatesDoNotMix) {
  auto baseline = baseline_of({10, 10, 10});
  baseline.record(kTemplate + 1, Millis(500));
  EXPECT_EQ(baseline.slowest(kTemplate), Millis(10));
  EXPECT_FALSE(baseline.median(kTemplate + 1).has_value());
}

TEST(LatencyBaselineTest, OneOutlierDoesNotMoveTheMedian) {
  const auto baseline = baseline_of({10, 11, 9000, 10, 9});
  EXPECT_EQ(baseline.median(kTemplate), Millis(10));
  EXPECT_EQ(baseline.slowest(kTemplate), Millis(9000));
}

TEST(LatencyBaselineTest, ForgetsTheOldestRunAfterSixtyFour) {
  LatencyBaseline baseline;
  baseline.record(kTemplate, Millis(1));
  baseline.record(kTemplate, Millis(900));
  for (int i = 2; i < 64; ++i) baseline.record(kTemplate, Millis(50));
  EXPECT_EQ(baseline.fastest(kTemplate), Millis(1));
  baseline.record(kTemplate, Millis(50));
  EXPECT_EQ(baseline.fastest(kTemplate), Millis(50)) << "the run of 1 ms was the oldest";
  EXPECT_EQ(baseline.slowest(kTemplate), Millis(900));
  baseline.record(kTemplate, Millis(50));
  EXPECT_EQ(baseline.slowest(kTemplate), Millis(50));
}

TEST(LatencyBaselineTest, FollowsATemplateThatBecameSlower) {
  LatencyBaseline baseline;
  for (int i = 0; i < 100; ++i) baseline.record(kTemplate, Millis(10));
  for (int i = 0; i < 64; ++i) baseline.record(kTemplate, Millis(80));
  EXPECT_EQ(baseline.median(kTemplate), Millis(80));
  EXPECT_EQ(baseline.fastest(kTemplate), Millis(80));
}

}  // namespace
}  // namespace hintd
