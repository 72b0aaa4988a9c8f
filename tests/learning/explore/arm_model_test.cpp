#include "learning/explore/arm_model.h"

#include <gtest/gtest.h>

#include <numeric>

namespace hintd::learning {
namespace {

// The default, two arms that forbid one operator each, and one that forbids both. In the first
// query these three give one plan, in the second each its own.
ExplorationProblem shared_plan() {
  ExplorationProblem problem;
  problem.arms = 4;
  problem.arm_features = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  problem.queries = {{1, {{{0}}, {{1, 2, 3}}}, {}}, {1, {{{0}}, {{1}}, {{2}}, {{3}}}, {}}};
  return problem;
}

double covariance(const ArmModel& model, std::size_t group, std::size_t other) {
  const auto* a = model.embedding(0, group);
  const auto* b = model.embedding(1, other);
  return std::inner_product(a, a + model.arms(), b, 0.0);
}

TEST(ArmModelTest, APlanThatArmsShareIsAsTheOneThatForbidsMost) {
  const auto problem = shared_plan();
  const ArmModel model(problem, {});
  EXPECT_NEAR(covariance(model, 1, 3), 1, 1e-5);
  EXPECT_LT(covariance(model, 1, 1), 0.7);
}

TEST(ArmModelTest, WhereNothingIsKnownOfTheArmsItIsTheirMean) {
  auto problem = shared_plan();
  problem.arm_features.clear();
  const ArmModel model(problem, {});
  EXPECT_NEAR(covariance(model, 1, 1), covariance(model, 1, 3), 1e-5);
}

TEST(ArmModelTest, BeginsWithWhatArmsDidElsewhere) {
  auto problem = shared_plan();
  problem.queries[1].default_s = 10;
  problem.arm_effects = {std::nullopt, ArmEffect{1.5, -0.5}, std::nullopt, std::nullopt};
  const ArmModel model(problem, {});
  const auto effects = model.effects();
  EXPECT_NEAR(effects[1]->mean, 1.5, 1e-9);
  EXPECT_NEAR(effects[1]->slope, -0.5, 1e-9);
  EXPECT_NEAR(effects[2]->mean, ArmModelConfig{}.prior_mean, 1e-9);
  EXPECT_NEAR(model.mean(1, 1).mean, 1.5 - 0.5, 1e-9) << "the second is one deviation slower";
  ArmModelConfig without;
  without.use_effects = false;
  EXPECT_NEAR(ArmModel(problem, without).effects()[1]->mean, without.prior_mean, 1e-9);
}

}  // namespace
}  // namespace hintd::learning
