#include "safety/resource_limits.h"

#include <gtest/gtest.h>

namespace hintd::safety {
namespace {

ResourceReading busy() {
  ResourceReading reading;
  reading.cpu = 0.99;
  return reading;
}

TEST(ResourceLimitsTest, ExploringStopsFirstThenLearning) {
  ResourceLimits limits(SafetyConfig{});
  limits.update(busy());
  EXPECT_FALSE(limits.may_explore());
  EXPECT_TRUE(limits.may_learn());
  limits.update(busy());
  EXPECT_FALSE(limits.may_learn());
}

TEST(ResourceLimitsTest, TheyComeBackStepByStep) {
  ResourceLimits limits(SafetyConfig{});
  for (int i = 0; i < 5; ++i) limits.update(busy());
  limits.update({});
  EXPECT_TRUE(limits.may_learn());
  EXPECT_FALSE(limits.may_explore());
  limits.update({});
  EXPECT_TRUE(limits.may_explore());
}

TEST(ResourceLimitsTest, EachLimitCountsAndSaysWhich) {
  const SafetyConfig config;
  ResourceReading memory, connections, disk;
  memory.memory = 0.95;
  connections.connections = 0.9;
  disk.free_disk_mb = 10;
  for (const auto& [reading, why] : {std::pair{memory, "memory 0.95 of at most 0.90"},
                                     {connections, "connections 0.90 of at most 0.80"},
                                     {disk, "free disk 10 MB of at least 500 MB"}}) {
    ResourceLimits limits(config);
    limits.update(reading);
    EXPECT_FALSE(limits.may_explore());
    EXPECT_EQ(limits.why(), why);
  }
}

TEST(ResourceLimitsTest, TheHostCanBeRead) {
  HostMonitor monitor("/tmp");
  const auto first = monitor.read();
  EXPECT_FALSE(first.cpu) << "a share needs two readings";
  ASSERT_TRUE(first.memory && first.free_disk_mb);
  EXPECT_GT(*first.memory, 0);
  EXPECT_LT(*first.memory, 1);
}

}  // namespace
}  // namespace hintd::safety
