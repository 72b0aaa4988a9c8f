#include <gtest/gtest.h>

#include "laboratory.h"

namespace hintd::learning {
namespace {

using namespace test;

std::vector<Call> tries_on(const TableExecutor& executor) {
  std::vector<Call> tries;
  for (const auto& call : executor.calls)
    if (call.how == Call::How::kAnalyze && call.arm != kDefaultArm) tries.push_back(call);
  return tries;
}

LiveExplorerConfig two_at_once() {
  LiveExplorerConfig config;
  config.tries_at_once = 2;
  return config;
}

TEST(TriesAtOnceTest, TheSearchUsesBothConnectionsAndFindsTheSame) {
  Laboratory lab(two_at_once());
  lab.offer_template(one_fast_arm());
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kFastArm);
  EXPECT_FALSE(tries_on(lab.executor).empty());
  EXPECT_FALSE(tries_on(lab.beside).empty());
}

TEST(TriesAtOnceTest, OneAtATimeLeavesTheSecondConnectionAlone) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  EXPECT_TRUE(tries_on(lab.beside).empty());
}

TEST(TriesAtOnceTest, APlanWithWorkersRunsByItself) {
  Laboratory lab(two_at_once());
  lab.executor.workers = lab.beside.workers = true;
  lab.offer_template(one_fast_arm());
  lab.explore();
  EXPECT_FALSE(tries_on(lab.executor).empty());
  EXPECT_TRUE(tries_on(lab.beside).empty());
}

TEST(TriesAtOnceTest, WhatBothCostIsCounted) {
  Laboratory lab(two_at_once());
  lab.offer_template(one_fast_arm());
  lab.explore();
  double ms = 0;
  for (const auto* executor : {&lab.executor, &lab.beside})
    for (const auto& call : tries_on(*executor)) ms += call.execution.latency.count();
  EXPECT_GE(lab.explorer.spent().count(), ms);
}

TEST(TriesAtOnceTest, AServerThatGoesAwayLosesNothing) {
  for (int at = 0; at < 60; ++at) {
    Laboratory lab(two_at_once());
    lab.beside.outage_at = at;
    lab.offer_template(one_fast_arm());
    for (int steps = 0; steps < 2000; ++steps) {
      const auto worked = lab.explorer.step();
      if (!worked) {
        EXPECT_EQ(worked.error().kind, ErrorKind::kUnavailable);
        continue;
      }
      if (!*worked) break;
    }
    EXPECT_EQ(lab.rule().rest.arm, kFastArm) << at;
  }
}

}  // namespace
}  // namespace hintd::learning
