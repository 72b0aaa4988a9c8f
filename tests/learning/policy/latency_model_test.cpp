#include "learning/policy/latency_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>

namespace hintd::learning {
namespace {

constexpr ArmId kArm = 1;

// Statements of a template and their samples; latencies in ms, 0 for not run.
class LatencyModelTest : public testing::Test {
 protected:
  StatementEvidence& add(double default_ms, double arm_ms) {
    auto& statement = statements_.emplace_back();
    statement.group_of_arm = {0, 1};
    statement.groups.resize(2);
    statement.groups[0].finished_ms = {default_ms};
    if (arm_ms > 0) {
      statement.groups[1].finished_ms = {arm_ms};
      statement.groups[1].paired_ratios = {arm_ms / default_ms};
    }
    return statement;
  }
  Pool pool() {
    samples_.clear();
    Pool pool;
    for (const auto& statement : statements_) pool.push_back(&samples_.emplace_back(statement));
    return pool;
  }

  std::deque<StatementEvidence> statements_;
  std::deque<Sample> samples_;
};

TEST_F(LatencyModelTest, TypicalLatenciesHaveTheMeanOfThoseKnownAndTheKernelsSpreadBesides) {
  for (const double ms : {10, 20, 80, 400}) add(ms, 0);
  const auto all = pool();
  const auto usual = model_default(all, {});
  double weights = 0;
  double sum = 0;
  double squares = 0;
  for (const auto& one : typical(all, {}, kDefaultArm, {})) {
    const double away = std::log(one.default_ms) - usual.log_mean;
    weights += one.weight;
    sum += one.weight * away;
    squares += one.weight * away * away;
  }
  double known = 0;
  for (const double log_ms : usual.log_ms) known += std::pow(log_ms - usual.log_mean, 2) / 4;
  const double width = 1.06 * usual.log_sd * std::pow(4, -0.2);
  EXPECT_NEAR(weights, 1, 1e-12);
  EXPECT_NEAR(sum, 0, 1e-12);
  EXPECT_NEAR(squares, known + width * width, 1e-3);
}

TEST_F(LatencyModelTest, MoreStatementsNarrowTheKernel) {
  const auto spread = [&] {
    const auto all = typical(pool(), {}, kDefaultArm, {});
    return std::log(all[2].default_ms / all[0].default_ms);
  };
  add(100, 0);
  const double one = spread();
  for (int i = 0; i < 30; ++i) add(100, 0);
  EXPECT_LT(spread(), one / 3);
}

// What literals tell is taken out of each known statement's latency and put in for the new one.
TEST_F(LatencyModelTest, AForecastMovesTheStatementsKnownAndNarrowsThem) {
  for (const double ms : {10, 20, 80, 400}) add(ms, 40);
  auto all = pool();
  std::vector<Sample> forecast(all.size(), *all[0]);
  for (std::size_t i = 0; i < all.size(); ++i) {
    forecast[i] = *all[i];
    forecast[i].by_others = std::log(forecast[i].usual_ms) + (i % 2 == 0 ? 0.1 : -0.1);
    all[i] = &forecast[i];
  }
  const auto moved = model_default(all, std::log(50.0));
  EXPECT_NEAR(moved.log_mean, std::log(50.0), 1e-9);
  for (const double log_ms : moved.log_ms)
    EXPECT_NEAR(std::abs(log_ms - std::log(50.0)), 0.1, 1e-9);
  EXPECT_LT(moved.log_sd, model_default(all, {}).log_sd / 1.5);
  const auto arm = model_arm(all, kArm, 0.5);
  for (const auto& one : typical(all, std::log(50.0), kArm, arm)) {
    EXPECT_GT(one.default_ms, 10);
    EXPECT_LT(one.default_ms, 250);
    EXPECT_NEAR(one.arm_ms, 40, 25) << "as flat as it was measured";
  }
}

TEST_F(LatencyModelTest, AStatementLikeOneMeasuredIsAsFarOffTheArmsLine) {
  for (int i = 0; i < 6; ++i) add(100, 40);
  add(100, 200);
  const auto all = pool();
  const auto arm = model_arm(all, kArm, 0.5);
  EXPECT_NEAR(std::exp(log_ms_like(*all[0], kArm, arm, std::log(100))), 40, 1e-9);
  EXPECT_NEAR(std::exp(log_ms_like(*all[6], kArm, arm, std::log(100))), 200, 1e-9);
  EXPECT_NEAR(std::exp(log_ms_like(*all[6], kArm, arm, std::log(400))),
              200 * std::pow(4, arm.slope), 1e-9);
}

TEST_F(LatencyModelTest, WhatWasNotRunLiesOnTheLineAndWhatWasStoppedNoLower) {
  for (int i = 0; i < 6; ++i) add(100, 40);
  add(100, 0);
  add(100, 0).groups[1].longer_than_ms = 300;
  add(100, 0).group_of_arm[kArm] = 0;
  const auto all = pool();
  const auto arm = model_arm(all, kArm, 0.5);
  const double line = std::exp(arm.log_ms(std::log(100)));
  const auto like = [&](std::size_t known) {
    return std::exp(log_ms_like(*all[known], kArm, arm, std::log(100)));
  };
  EXPECT_NEAR(like(6), line, 1e-9);
  EXPECT_GE(like(7), 300);
  EXPECT_NEAR(like(8), 100, 1e-9) << "it has the default's plan";
}

TEST_F(LatencyModelTest, OneMeasuredRegressionIsPartOfTheChanceToBeSlower) {
  for (int i = 0; i < 5; ++i) add(100, 40);
  const auto chance = [&] {
    const auto all = pool();
    const auto arm = model_arm(all, kArm, 0.5);
    return chance_of_ratio(typical(all, {}, kArm, arm), arm, 1, 1.05);
  };
  const double before = chance();
  add(100, 200);
  EXPECT_LT(before, 0.1);
  EXPECT_GT(chance(), before + 0.1);
}

}  // namespace
}  // namespace hintd::learning
