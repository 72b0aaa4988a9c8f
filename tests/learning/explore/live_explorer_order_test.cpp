#include <gtest/gtest.h>

#include "laboratory.h"

namespace hintd::learning {
namespace {

using namespace test;

const Behaviour kNothingToWin{{100, 150, 400, 200, 190}};

int calls_with(const TableExecutor& executor, const std::string& part) {
  return static_cast<int>(
      std::count_if(executor.calls.begin(), executor.calls.end(),
                    [&](const Call& call) { return call.sql.find(part) != std::string::npos; }));
}

TEST(LiveExplorerOrderTest, OfEqualTemplatesTheOneThatRunsMoreOftenComesFirst) {
  Laboratory lab;
  lab.offer_template(one_fast_arm(), "orders");
  for (int time = 0; time < 5; ++time) lab.offer_template(one_fast_arm(), "payments");
  while (calls_with(lab.executor, "orders") == 0) ASSERT_TRUE(*lab.explorer.step());
  EXPECT_GT(calls_with(lab.executor, "payments"), 10);
}

TEST(LiveExplorerOrderTest, ASlowNewcomerComesBeforeASearchThatFindsNothing) {
  Laboratory lab;
  lab.offer_template({{10, 15, 40, 20, 19}}, "payments");
  lab.explore();
  lab.offer_template(kNothingToWin, "orders");
  while (calls_with(lab.executor, "orders") < 6) ASSERT_TRUE(*lab.explorer.step());
  lab.offer(Laboratory::statement(50, "payments"), {{2000, 2500, 2600, 100, 2400}});
  while (lab.runs_of(Laboratory::statement(50, "payments"), kDefaultArm) == 0)
    ASSERT_TRUE(*lab.explorer.step());
  const int by_then = calls_with(lab.executor, "orders");
  lab.explore();
  EXPECT_LT(by_then, calls_with(lab.executor, "orders") / 2);
}

TEST(LiveExplorerOrderTest, WhatWasFoundIsVerifiedBeforeEveryPlanWasTried) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  const auto& calls = lab.executor.calls;
  const auto hinted = [](Call::How how) {
    return [how](const Call& call) { return call.how == how && call.arm != kDefaultArm; };
  };
  const auto first_pair =
      std::find_if(calls.begin(), calls.end(), hinted(Call::How::kRun)) - calls.begin();
  const auto last_try =
      calls.rend() - std::find_if(calls.rbegin(), calls.rend(), hinted(Call::How::kAnalyze));
  EXPECT_LT(first_pair, last_try);
}

// It may take the default's place only where enough statements tell how it does.
TEST(LiveExplorerOrderTest, AnArmWithWorkersThatIsFasterOnOneStatementIsMeasuredToItsEndOnOthers) {
  Laboratory lab;
  lab.executor.workers = lab.beside.workers = true;
  const auto slowest = Laboratory::statement(50);
  lab.offer(slowest, {{1000, 1500, 1400, 200, 1900}});
  std::vector<std::string> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(Laboratory::statement(i));
    lab.offer(others.back(), {{500, 700, 800, 480, 900}});
  }
  lab.explore();
  for (const auto& sql : others) {
    const auto finished = [&](const Call& call) {
      return call.sql == sql && call.arm == kFastArm && !call.execution.timed_out;
    };
    EXPECT_TRUE(std::any_of(lab.executor.calls.begin(), lab.executor.calls.end(), finished)) << sql;
  }
}

}  // namespace
}  // namespace hintd::learning
