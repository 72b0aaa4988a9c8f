#include "learning/agent/replay_buffer.h"

#include <gtest/gtest.h>

#include <map>

namespace hintd::learning {
namespace {

Experience run_of(std::uint64_t fingerprint, ArmId arm, float cost = 0) {
  Experience experience;
  experience.transition.fingerprint = fingerprint;
  experience.transition.arm = arm;
  experience.transition.cost = cost;
  return experience;
}

std::vector<float> costs_in(const ReplayBuffer& buffer) {
  std::vector<float> costs;
  for (const auto& experience : buffer.contents()) costs.push_back(experience.transition.cost);
  return costs;
}

TEST(ReplayBufferTest, ARareTemplateIsDrawnAsOftenAsACommonOne) {
  ReplayBuffer buffer(2000);
  for (int i = 0; i < 997; ++i) buffer.add(run_of(1, 1));
  buffer.add(run_of(1, 2));
  buffer.add(run_of(2, 1));
  Rng rng(1);
  std::map<std::pair<std::uint64_t, ArmId>, int> drawn;
  for (const auto* e : buffer.sample(3000, rng)) {
    ++drawn[{e->transition.fingerprint, e->transition.arm}];
  }
  ASSERT_EQ(drawn.size(), 3U);
  for (const auto& [key, count] : drawn) EXPECT_NEAR(count, 1000, 100);
}

TEST(ReplayBufferTest, WithinAStratumEveryRunIsDrawnAlike) {
  ReplayBuffer buffer(10);
  for (int i = 0; i < 4; ++i) buffer.add(run_of(1, 1, static_cast<float>(i)));
  Rng rng(2);
  std::map<float, int> drawn;
  for (const auto* e : buffer.sample(4000, rng)) ++drawn[e->transition.cost];
  ASSERT_EQ(drawn.size(), 4U);
  for (const auto& [cost, count] : drawn) EXPECT_NEAR(count, 1000, 120);
}

TEST(ReplayBufferTest, WhenFullTheOldestOfTheLargestStratumGoes) {
  ReplayBuffer buffer(4);
  buffer.add(run_of(1, 1, 1));
  for (const float cost : {2, 3, 4}) buffer.add(run_of(2, 1, cost));
  buffer.add(run_of(1, 1, 5));
  EXPECT_EQ(costs_in(buffer), (std::vector<float>{1, 5, 3, 4}));
  EXPECT_EQ(buffer.size(), 4U);
}

TEST(ReplayBufferTest, MoreStrataThanRoomDropsTheOldestStratum) {
  ReplayBuffer buffer(3);
  for (const float cost : {1, 2, 3, 4}) {
    buffer.add(run_of(static_cast<std::uint64_t>(cost), 1, cost));
  }
  buffer.add(run_of(3, 1, 5));
  EXPECT_EQ(costs_in(buffer), (std::vector<float>{3, 5, 4}));
  EXPECT_EQ(buffer.strata(), 2U);
}

TEST(ReplayBufferTest, ItNeverHoldsMoreThanItsCapacity) {
  ReplayBuffer buffer(50);
  Rng rng(3);
  for (int i = 0; i < 2000; ++i) {
    buffer.add(run_of(rng.below(20), static_cast<ArmId>(rng.below(6))));
    ASSERT_LE(buffer.size(), 50U);
  }
  EXPECT_EQ(buffer.contents().size(), buffer.size());
}

TEST(ReplayBufferTest, SameSeedSameSample) {
  ReplayBuffer buffer(100);
  for (int i = 0; i < 100; ++i) buffer.add(run_of(i % 7, static_cast<ArmId>(i % 3)));
  Rng one(5);
  Rng other(5);
  EXPECT_EQ(buffer.sample(64, one), buffer.sample(64, other));
}

TEST(ReplayBufferTest, ContentsAddedAgainMakeAnEqualBuffer) {
  ReplayBuffer buffer(40);
  Rng rng(6);
  for (int i = 0; i < 200; ++i) {
    buffer.add(run_of(rng.below(6), static_cast<ArmId>(rng.below(4)), static_cast<float>(i)));
  }
  ReplayBuffer copy(40);
  for (auto& experience : buffer.contents()) copy.add(experience);
  EXPECT_EQ(costs_in(copy), costs_in(buffer));
  Rng one(7);
  Rng other(7);
  const auto drawn = buffer.sample(100, one);
  const auto drawn_again = copy.sample(100, other);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    EXPECT_EQ(drawn[i]->transition.cost, drawn_again[i]->transition.cost);
  }
}

}  // namespace
}  // namespace hintd::learning
