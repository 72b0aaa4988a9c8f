#include "safety/anchor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"

namespace hintd::safety {
namespace {

class AnchorTest : public testing::Test {
 protected:
  std::vector<LoggedRun> runs(ArmId arm, double ms, int count = 60) {
    std::vector<LoggedRun> runs;
    for (int i = 0; i < count; ++i) {
      LoggedRun run;
      run.fingerprint = 7;
      run.arm = arm;
      run.latency_ms = ms * std::exp(0.3 * rng_.normal());
      runs.push_back(run);
    }
    return runs;
  }
  AnchorVerdict verdict(double default_now, double hinted_now) {
    auto then = runs(0, 100);
    const auto hinted_then = runs(1, 60);
    then.insert(then.end(), hinted_then.begin(), hinted_then.end());
    auto now = runs(0, default_now);
    const auto hinted = runs(1, hinted_now);
    now.insert(now.end(), hinted.begin(), hinted.end());
    return compare(summarise(then), summarise(now)).front().verdict;
  }
  Rng rng_{1};
};

TEST_F(AnchorTest, WhatDidNotChangeIsSteady) {
  EXPECT_EQ(verdict(100, 60), AnchorVerdict::kSteady);
}

TEST_F(AnchorTest, ASlowerDefaultIsDriftOfTheData) {
  EXPECT_EQ(verdict(200, 120), AnchorVerdict::kDrift);
}

TEST_F(AnchorTest, SlowerHintsBesideASteadyDefaultAreThePolicys) {
  EXPECT_EQ(verdict(100, 120), AnchorVerdict::kPolicy);
}

TEST_F(AnchorTest, FasterHintsAreFaster) {
  EXPECT_EQ(verdict(100, 30), AnchorVerdict::kFaster);
}

TEST_F(AnchorTest, AFewRunsSayNothing) {
  const auto then = summarise(runs(0, 100, 3));
  const auto now = summarise(runs(0, 500, 60));
  EXPECT_EQ(compare(then, now).front().verdict, AnchorVerdict::kTooFew);
}

TEST_F(AnchorTest, FirstHintsAreHeldAgainstTheDefaultOfThen) {
  const auto then = summarise(runs(0, 100));
  const auto now = summarise(runs(1, 200));
  EXPECT_EQ(compare(then, now).front().verdict, AnchorVerdict::kPolicy);
}

TEST_F(AnchorTest, FailedAndExploringRunsDoNotCount) {
  auto all = runs(0, 100);
  for (auto& run : all) run.failed = true;
  EXPECT_TRUE(summarise(all).empty());
  for (auto& run : all) {
    run.failed = false;
    run.kind = RunKind::kExplorer;
  }
  EXPECT_TRUE(summarise(all).empty());
}

TEST_F(AnchorTest, HedgedRunsCountAsHintedWhicheverRunGaveTheRows) {
  LoggedRun run;
  run.fingerprint = 7;
  run.latency_ms = 10;
  run.reason = DecisionReason::kHedged;
  const auto anchors = summarise(std::vector<LoggedRun>{run});
  EXPECT_EQ(anchors.at(7).hinted.runs, 1);
  EXPECT_EQ(anchors.at(7).by_default.runs, 0);
}

}  // namespace
}  // namespace hintd::safety
