#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/statistics.h"
#include "telemetry/latency_sketch.h"

namespace hintd::telemetry {
namespace {

std::vector<double> latencies(std::uint64_t seed, int count) {
  Rng rng(seed);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(std::exp(rng.uniform(-6, 10)));
  return values;
}

LatencySketch sketch_of(const std::vector<double>& values) {
  LatencySketch sketch;
  for (const auto value : values) sketch.add(value);
  return sketch;
}

TEST(LatencySketchBytesTest, ComeBackAsTheyWere) {
  for (const int count : {0, 1, 5000}) {
    const auto sketch = sketch_of(latencies(1, count));
    const auto again = LatencySketch::from_bytes(sketch.bytes());
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->bins(), sketch.bins());
    EXPECT_EQ(again->count(), sketch.count());
  }
}

TEST(LatencySketchBytesTest, MergedQuantilesAreThoseOfAllValuesWithinOnePercent) {
  auto values = latencies(1, 3000);
  auto merged = sketch_of(values);
  const auto others = latencies(2, 2000);
  const auto other = LatencySketch::from_bytes(sketch_of(others).bytes());
  ASSERT_TRUE(other.has_value());
  merged.merge(*other);
  values.insert(values.end(), others.begin(), others.end());
  std::ranges::sort(values);
  for (const double p : {0.01, 0.5, 0.95, 0.99}) {
    const auto exact = values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
    EXPECT_NEAR(merged.quantile(p), exact, 0.0101 * exact) << p;
  }
}

TEST(LatencySketchBytesTest, DamagedBytesAreRefused) {
  const auto bytes = sketch_of(latencies(1, 50)).bytes();
  EXPECT_FALSE(LatencySketch::from_bytes(bytes.substr(0, bytes.size() - 1)).has_value());
  EXPECT_FALSE(LatencySketch::from_bytes(std::string(12, '\xff')).has_value());
  EXPECT_FALSE(LatencySketch::from_bytes(std::string("\x02\x01\x00\x01", 4)).has_value());
  EXPECT_FALSE(LatencySketch::from_bytes(std::string("\x02\x00", 2)).has_value());
}

}  // namespace
}  // namespace hintd::telemetry
