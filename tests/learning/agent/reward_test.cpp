#include "learning/agent/reward.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hintd::learning {
namespace {

constexpr DefaultRun kDefault{Millis{100}, 999};

TEST(RewardTest, TheDefaultsOwnRunCostsNothing) {
  EXPECT_FLOAT_EQ(cost_of({Millis{100}, 999}, kDefault, {}), 0);
}

TEST(RewardTest, HalfTheTimeAtTheSameBlocksIsTheLogOfAHalf) {
  EXPECT_NEAR(cost_of({Millis{50}, 999}, kDefault, {}), std::log(0.5), 1e-6);
}

TEST(RewardTest, BlocksCountByTheirWeightAndAreClipped) {
  AgentConfig config;
  config.resource_weight = 0.2;
  EXPECT_NEAR(cost_of({Millis{100}, 1999}, kDefault, config), 0.2 * std::log(2), 1e-6);
  EXPECT_NEAR(cost_of({Millis{100}, 1'000'000'000}, kDefault, config), 0.2 * 3, 1e-6);
}

TEST(RewardTest, ARunThatTimedOutHasNoResourceTerm) {
  EXPECT_NEAR(cost_of({Millis{200}, 0, true}, kDefault, {}), std::log(2), 1e-6);
}

TEST(RewardTest, AFailureAddsItsPenalty) {
  AgentConfig config;
  config.failure_penalty = 5;
  EXPECT_NEAR(cost_of({Millis{100}, 999, false, true}, kDefault, config), 5, 1e-6);
}

TEST(RewardTest, ZeroLatenciesStayFinite) {
  EXPECT_TRUE(std::isfinite(cost_of({Millis{0}, 0}, {Millis{0}, 0}, {})));
}

}  // namespace
}  // namespace hintd::learning
