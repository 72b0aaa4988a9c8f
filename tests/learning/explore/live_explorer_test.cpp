#include "learning/explore/live_explorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "laboratory.h"

namespace hintd::learning {
namespace {

using namespace test;

TEST(LiveExplorerTest, FindsTheFastArm) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kFastArm);
  EXPECT_DOUBLE_EQ(lab.rule().default_latency.count(), 100);
}

TEST(LiveExplorerTest, EveryTemplateGetsTheArmThatIsFastForIt) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.offer_template({{800, 100, 900, 2000, 700}}, "customers");
  lab.explore();
  EXPECT_EQ(lab.rule("orders").rest.arm, kFastArm);
  EXPECT_EQ(lab.rule("customers").rest.arm, 1);
}

// The arm wins on the slow statements and loses on the others.
TemplateRule rule_where_runs_side_by_side_lose(double slow_down, double cold = 1) {
  Laboratory lab;
  for (int i = 0; i < 8; ++i) {
    Behaviour behaviour{{i % 2 == 0 ? 400.0 : 90.0, 500, 600, 100, 700}};
    behaviour.slow_down = slow_down;
    behaviour.cold = cold;
    lab.offer(Laboratory::statement(i), behaviour);
  }
  lab.explore();
  EXPECT_FALSE(lab.beside.calls.empty());
  for (const auto& call : lab.beside.calls) EXPECT_NE(call.arm, kDefaultArm);
  return lab.rule();
}

TEST(LiveExplorerTest, WhatAnArmCostsTheDefaultBesideItIsMeasured) {
  const auto without = rule_where_runs_side_by_side_lose(1);
  EXPECT_EQ(without.rest.arm, kFastArm);
  EXPECT_LT(without.rest.patience, Millis(30));
  const auto with = rule_where_runs_side_by_side_lose(1.4);
  EXPECT_TRUE(with.rest.arm == kDefaultArm || with.rest.patience >= Millis(80));
  const auto cold = rule_where_runs_side_by_side_lose(1.4, 1.4);
  EXPECT_TRUE(cold.rest.arm == kDefaultArm || cold.rest.patience >= Millis(80))
      << "a first run that fills the caches is no measure";
}

TEST(LiveExplorerTest, WhereTheDefaultIsBestItStays) {
  Laboratory lab;
  lab.offer_template({{100, 150, 400, 120, 300}});
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kDefaultArm);
  EXPECT_EQ(lab.rule().reason, DecisionReason::kNoWinner);
}

TEST(LiveExplorerTest, TheSlowestStatementShowsThatTheRowsAreTheSame) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.offer(Laboratory::statement(20), {{300, 450, 1200, 60, 270}});
  lab.explore();
  int paired = 0;
  for (const auto& [id, statement] : lab.memory.templates().begin()->second) {
    if (!statement.planned() || !statement.runs_of(kFastArm).paired()) continue;
    ++paired;
    EXPECT_DOUBLE_EQ(statement.observed_ms, 300);
    EXPECT_DOUBLE_EQ(statement.runs_of(kFastArm).paired_ratios.front(), 0.2);
  }
  EXPECT_EQ(paired, 1);
}

TEST(LiveExplorerTest, ASlowerStatementIsSearchedThoughTheOthersPromiseNothing) {
  Laboratory lab;
  lab.offer_template({{100, 150, 400, 200, 190}});
  lab.explore();
  const auto late = Laboratory::statement(50);
  lab.offer(late, {{2000, 2500, 2600, 100, 2400}});
  lab.explore();
  EXPECT_GT(lab.runs_of(late, kFastArm), 0);
}

// Whatever the explorer is at when it comes, the arm that it would have verified included.
TEST(LiveExplorerTest, ASlowerStatementIsSearchedWheneverItComes) {
  constexpr ArmId kItsArm = 1;
  for (int before = 0; before < 60; ++before) {
    Laboratory lab;
    lab.offer_template(one_fast_arm());
    for (int step = 0; step < before; ++step) ASSERT_TRUE(lab.explorer.step());
    const auto late = Laboratory::statement(50);
    lab.offer(late, {{2000, 100, 2600, 1900, 2400}});
    lab.explore();
    EXPECT_GT(lab.runs_of(late, kItsArm), 0) << "after " << before << " steps";
  }
}

TEST(LiveExplorerTest, ASlowerStatementThatComesLaterIsSearchedToo) {
  Laboratory lab;
  for (int i = 0; i < 5; ++i) lab.offer(Laboratory::statement(i), one_fast_arm());
  lab.explore();
  ASSERT_EQ(lab.rule().rest.arm, kFastArm);
  lab.offer(Laboratory::statement(5), {{150, 200, 500, 180, 90}});
  lab.explore();
  EXPECT_GT(lab.runs_of(Laboratory::statement(5), kFastArm), 0);
}

TEST(LiveExplorerTest, ATryNeverGetsMoreTimeThanTheBestLatencyKnown) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  std::map<std::string, double> best_ms;
  int tries = 0;
  for (const auto& call : lab.executor.calls) {
    if (call.how == Call::How::kAnalyze && call.arm != kDefaultArm) {
      ++tries;
      ASSERT_TRUE(best_ms.contains(call.sql)) << "tried before the default was measured";
      EXPECT_GT(call.timeout_ms, 0);
      EXPECT_LE(call.timeout_ms, best_ms[call.sql]);
    }
    if (call.execution.timed_out) continue;
    const auto [it, is_new] = best_ms.try_emplace(call.sql, call.execution.latency.count());
    it->second = std::min(it->second, call.execution.latency.count());
  }
  EXPECT_GT(tries, 0);
}

TEST(LiveExplorerTest, APlanThatWasStoppedEarlyIsTriedAgainWithMoreTime) {
  Laboratory lab;
  lab.offer_template({{100, 150, 400, 60, 130}});
  lab.explore();
  std::map<std::string, std::vector<double>> timeouts;
  for (const auto& call : lab.executor.calls)
    if (call.how == Call::How::kAnalyze && call.arm == kFastArm)
      timeouts[call.sql].push_back(call.timeout_ms);
  ASSERT_FALSE(timeouts.empty());
  for (const auto& [sql, tried] : timeouts)
    for (std::size_t i = 1; i < tried.size(); ++i) EXPECT_GE(tried[i], 1.5 * tried[i - 1]) << sql;
  EXPECT_EQ(lab.rule().rest.arm, kFastArm) << "an arm that saves two fifths is worth finding";
}

TEST(LiveExplorerTest, NoRunGetsMoreTimeThanTheLargestAllowed) {
  LiveExplorerConfig config;
  config.max_statement_ms = 110;
  Laboratory lab(config);
  lab.offer_template(one_fast_arm());
  lab.explore();
  ASSERT_EQ(lab.rule().rest.arm, kFastArm);
  for (const auto& call : lab.executor.calls) {
    EXPECT_GT(call.timeout_ms, 0);
    EXPECT_LE(call.timeout_ms, 110);
  }
}

TEST(LiveExplorerTest, AStatementThatNoDefaultRunEndsIsLeftOut) {
  LiveExplorerConfig config;
  config.max_statement_ms = 50;
  Laboratory lab(config);
  lab.offer_template(one_fast_arm());
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kDefaultArm);
  for (int i = 0; i < 10; ++i) EXPECT_LE(lab.runs_of(Laboratory::statement(i), kDefaultArm), 1);
}

TEST(LiveExplorerTest, ArmsWithOnePlanAreTriedOnce) {
  Laboratory lab;
  auto behaviour = one_fast_arm();
  behaviour.ms = {100, 70, 70, 70, 100};
  behaviour.plans = {0, 1, 1, 1, 0};
  lab.offer(Laboratory::statement(0), behaviour);
  lab.explore();
  int tries = 0;
  for (const auto& call : lab.executor.calls) {
    EXPECT_NE(call.arm, 4) << "it gives the default's plan";
    tries += call.how == Call::How::kAnalyze && call.arm != kDefaultArm && !call.execution.timed_out
                 ? 1
                 : 0;
  }
  EXPECT_EQ(tries, 1);
}

TEST(LiveExplorerTest, AnArmThatGivesAnotherResultIsNeverInARule) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  auto wrong = one_fast_arm();
  wrong.results[kFastArm] = 2;
  lab.executor.statements[Laboratory::statement(0)] = wrong;
  lab.explore();
  EXPECT_NE(lab.rule().rest.arm, kFastArm);
  for (const auto& [key, choice] : lab.rule().cases) EXPECT_NE(choice.arm, kFastArm);
  const auto alarms = lab.events.all<SafetyEvent>();
  ASSERT_FALSE(alarms.empty());
  EXPECT_EQ(alarms.front().name, "other_result");
  EXPECT_EQ(alarms.front().detail, "arm_3");
}

TEST(LiveExplorerTest, AnArmThatAStatementFailsUnderIsNeverInARule) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.executor.statements[Laboratory::statement(0)].refused = {kFastArm};
  lab.explore();
  EXPECT_NE(lab.rule().rest.arm, kFastArm);
  for (const auto& [key, choice] : lab.rule().cases) EXPECT_NE(choice.arm, kFastArm);
}

TEST(LiveExplorerTest, AStatementThatCannotBePlannedIsLeftOutAndTheRestGoesOn) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.executor.statements[Laboratory::statement(0)].cannot_be_planned = true;
  lab.executor.statements[Laboratory::statement(7)].cannot_be_planned = true;
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kFastArm);
  EXPECT_EQ(lab.runs_of(Laboratory::statement(0), kDefaultArm), 0);
}

TEST(LiveExplorerTest, AStatementThatFailsUnderTheDefaultIsLeftOutAndTheRestGoesOn) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.executor.statements[Laboratory::statement(1)].refused = {0, 1, 2, 3, 4};
  lab.executor.statements[Laboratory::statement(8)].refused = {0, 1, 2, 3, 4};
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kFastArm);
}

TEST(LiveExplorerTest, AServerThatIsAwayIsReportedAndExploringGoesOnWhereItStopped) {
  for (int call = 0; call < 30; ++call) {
    Laboratory lab;
    lab.offer_template(one_fast_arm());
    lab.executor.outage_at = call;
    auto worked = lab.explorer.step();
    while (worked && *worked) worked = lab.explorer.step();
    ASSERT_FALSE(worked.has_value()) << "at call " << call;
    EXPECT_EQ(worked.error().kind, ErrorKind::kUnavailable);
    lab.explore();
    EXPECT_EQ(lab.rule().rest.arm, kFastArm) << "at call " << call;
  }
}

TEST(LiveExplorerTest, AnOutageCostsATemplateOfOneStatementNothing) {
  const std::string sql = "SELECT count(*) FROM orders";
  for (int call = 0; call < 8; ++call) {
    Laboratory lab;
    lab.offer(sql, one_fast_arm());
    lab.executor.outage_at = call;
    auto worked = lab.explorer.step();
    while (worked && *worked) worked = lab.explorer.step();
    ASSERT_FALSE(worked.has_value()) << "at call " << call;
    lab.explore();
    const auto rules = lab.rules.learn_all(lab.memory);
    ASSERT_EQ(rules.size(), 1U) << "at call " << call;
    EXPECT_EQ(rules.begin()->second.rest.arm, kFastArm) << "at call " << call;
  }
}

TEST(LiveExplorerTest, ATemplateTooFastForRulesByPlanStillGetsItsArm) {
  Laboratory lab;
  lab.offer_template({{15, 22, 60, 3, 14}});
  lab.explore();
  EXPECT_EQ(lab.rule().rest.arm, kFastArm);
}

TEST(LiveExplorerTest, ALiteralWhoseValuesComeAgainDoesNotHideAnArmThatHelpsThemAll) {
  for (const double scale : {0.15, 1.0}) {
    auto behaviour = one_fast_arm();
    for (auto& ms : behaviour.ms) ms *= scale;
    Laboratory lab;
    for (int i = 0; i < 10; ++i)
      lab.offer("SELECT * FROM orders WHERE id = " + std::to_string(1000 + i) +
                    " AND country = 'C" + std::to_string(i % 6) + "'",
                behaviour);
    lab.explore();
    const auto rules = lab.rules.learn_all(lab.memory);
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules.begin()->second.rest.arm, kFastArm) << "scale " << scale;
  }
}

TEST(LiveExplorerTest, ATemplateFasterThanWorthwhileIsNotExplored) {
  Laboratory lab;
  lab.offer_template({{1.9, 0.1, 0.1, 0.1, 0.1}});
  lab.explore();
  EXPECT_TRUE(lab.executor.calls.empty());
  EXPECT_EQ(lab.explorer.tries(), 0);
}

TEST(LiveExplorerTest, WithoutTrafficThereIsNothingToDo) {
  Laboratory lab;
  const auto worked = lab.explorer.step();
  ASSERT_TRUE(worked.has_value());
  EXPECT_FALSE(*worked);
}

TEST(LiveExplorerTest, OnceDoneItStaysDoneWhileTrafficRepeatsItself) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  const auto runs = lab.executor.calls.size();
  lab.offer_template(one_fast_arm());
  const auto worked = lab.explorer.step();
  ASSERT_TRUE(worked.has_value());
  EXPECT_FALSE(*worked);
  EXPECT_EQ(lab.executor.calls.size(), runs);
}

TEST(LiveExplorerTest, ThePoolOfATemplateIsBoundedAndKeepsTheSlowest) {
  Laboratory lab;
  for (int i = 0; i < 200; ++i) {
    auto behaviour = one_fast_arm();
    for (auto& ms : behaviour.ms) ms *= 1 + i;
    lab.offer(Laboratory::statement(i), behaviour);
  }
  const auto& kept = lab.memory.templates().begin()->second;
  EXPECT_EQ(kept.size(), 40U);
  for (const auto& [id, statement] : kept) EXPECT_GE(statement.observed_ms, 160 * 100);
}

TEST(LiveExplorerTest, TheSameSeedMakesTheSameTries) {
  std::vector<std::tuple<std::string, ArmId, double>> tries[2];
  for (auto& sequence : tries) {
    Laboratory lab({}, 42);
    lab.offer_template(one_fast_arm());
    lab.explore();
    for (const auto& call : lab.executor.calls)
      sequence.emplace_back(call.sql, call.arm, call.timeout_ms);
  }
  EXPECT_EQ(tries[0], tries[1]);
  EXPECT_FALSE(tries[0].empty());
}

TEST(LiveExplorerTest, EveryRunIsToldAsTheExplorers) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  const auto told = lab.events.all<QueryObserved>();
  ASSERT_EQ(told.size(), lab.executor.calls.size());
  EXPECT_EQ(lab.explorer.tries(), static_cast<std::int64_t>(told.size()));
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto& call = lab.executor.calls[i];
    EXPECT_EQ(told[i].kind, RunKind::kExplorer);
    EXPECT_EQ(told[i].decision.reason, DecisionReason::kExploring);
    EXPECT_EQ(told[i].decision.arm, call.arm);
    EXPECT_EQ(told[i].arm_latency, call.execution.latency);
    EXPECT_EQ(told[i].timed_out, call.execution.timed_out);
    EXPECT_EQ(told[i].fingerprint, parse_query(call.sql)->query_template->fingerprint);
  }
}

TEST(LiveExplorerTest, TheTimeSpentIsAtLeastThatOfItsRuns) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  lab.explore();
  double total = 0;
  for (const auto& call : lab.executor.calls) total += call.execution.latency.count();
  EXPECT_GE(lab.explorer.spent().count(), 0.999 * total);
}

TEST(LiveExplorerTest, AStoppedRunIsNoGainHoweverSlowTheDefaultWasBesideIt) {
  Laboratory lab;
  lab.offer_template(one_fast_arm());
  // While the first statement is verified the machine stalls: the default takes ten times its usual
  // time, and the arm is stopped, sooner than the default ended.
  const auto stalled = Laboratory::statement(0);
  lab.executor.statements[stalled].paired_ms = {1000, 5000, 5000, 5000, 5000};
  lab.explore();
  for (const auto& [id, statement] : lab.memory.templates().begin()->second) {
    if (!statement.planned() || !statement.runs_of(kFastArm).paired()) continue;
    EXPECT_GE(statement.runs_of(kFastArm).paired_ratios.front(), 1);
  }
}

}  // namespace
}  // namespace hintd::learning
