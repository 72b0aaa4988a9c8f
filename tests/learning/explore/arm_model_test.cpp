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

}  // namespace
}  // namespace hintd::learning
