// Statements that need more than one attempt: deadlines, failures, hedged rules.
#include "proxy/attempts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/policy.h"
#include "talk_test.h"

namespace hintd::proxy::test {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;

class AttemptsTest : public TalkTest {};
INSTANTIATE_TEST_SUITE_P(Fragments, AttemptsTest, testing::Values(1, 3, 50'000));

// A policy with one rule.
void steer_by(Talk& talk, TemplateRule rule, const std::string& sql = "SELECT a FROM t") {
  const auto fingerprint = parse_query(sql)->query_template->fingerprint;
  talk.optimizer.publish(
      std::make_shared<MemoryPolicy>(7, TemplateRules{{fingerprint, std::move(rule)}}));
}
TemplateRule rule_for_arm(Millis patience = Millis(0)) {
  TemplateRule rule;
  rule.rest = {kArm, patience, patience};
  rule.default_latency = Millis(100'000);
  return rule;
}
const std::string kSelect = query("SELECT a FROM t");
const std::string kHinted = query(std::string(kSet) + "SELECT a FROM t");
const std::string kKey = message('K', "12345678");

TEST_P(AttemptsTest, ARunPastItsDeadlineIsStoppedAndSentAgainAsItCame) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm());
  talk.heard();
  EXPECT_FALSE(talk.conversation->limit());
  talk.client(kSelect);
  EXPECT_EQ(talk.sent(), kHinted);
  ASSERT_TRUE(talk.conversation->limit());
  talk.server(complete("SET") + rows_described());
  EXPECT_THAT(talk.heard(), IsEmpty()) << "the client would hear it twice";
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  EXPECT_THAT(talk.conversation->cancel_packet(), EndsWith("12345678"));
  EXPECT_FALSE(talk.conversation->limit());
  talk.server(error("57014") + ready());
  EXPECT_THAT(talk.heard(), IsEmpty());
  EXPECT_THAT(talk.sent(), IsEmpty()) << "the cancel may still be on its way";
  talk.cancel_closed();
  EXPECT_EQ(talk.sent(), kSelect);
  const auto answer = rows_described() + row("1") + complete("SELECT 1") + ready();
  talk.server(answer);
  EXPECT_EQ(talk.heard(), answer);
  const auto& told = talk.events.statements.back();
  EXPECT_TRUE(told.timed_out);
  EXPECT_EQ(told.decision.arm, kDefaultArm);
}

TEST_P(AttemptsTest, ARunThatEndsDespiteItsCancelIsSentAgainAllTheSame) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm());
  talk.client(kSelect);
  talk.sent();
  talk.heard();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.cancel_closed();
  EXPECT_THAT(talk.sent(), IsEmpty());
  talk.server(complete("SET") + rows_described() + row("1") + complete("SELECT 1") + ready());
  EXPECT_EQ(talk.sent(), kSelect);
  EXPECT_THAT(talk.heard(), IsEmpty());
}

TEST_P(AttemptsTest, AfterTheFirstRowNothingIsStopped) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm());
  talk.client(kSelect);
  talk.heard();
  talk.server(complete("SET") + rows_described() + row("1"));
  EXPECT_EQ(talk.heard(), rows_described() + row("1"));
  EXPECT_FALSE(talk.conversation->limit());
  EXPECT_FALSE(talk.conversation->stop_at_limit());
}

TEST_P(AttemptsTest, ANoticeIsHeardAtOnceAndNothingIsStoppedAfterIt) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm());
  talk.client(kSelect);
  talk.heard();
  const auto notice = message('N', "SNOTICE" + std::string(2, '\0'));
  talk.server(complete("SET") + rows_described() + notice);
  EXPECT_EQ(talk.heard(), rows_described() + notice);
  EXPECT_FALSE(talk.conversation->stop_at_limit());
  talk.server(complete("SELECT 0") + ready());
  EXPECT_EQ(talk.heard(), complete("SELECT 0") + ready());
}

TEST_P(AttemptsTest, TheServersLastWordsAreHeardThoughTheRunIsStopped) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm());
  talk.client(kSelect);
  talk.heard();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(error("57P01", "", "FATAL"));
  EXPECT_EQ(talk.heard(), error("57P01", "", "FATAL"));
}

const std::string kBatchSql = "SELECT a FROM t WHERE a = $1";
const std::string kRunNamed = bind("", "s", {"5"}) + execute() + sync();

TEST_P(AttemptsTest, ABatchIsStoppedAndItsParseNotSentTwice) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(), kBatchSql);
  talk.heard();
  talk.client(parse("s", kBatchSql) + kRunNamed);
  talk.sent();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  // A server keeps short answers back until the end.
  talk.server(parsed() + kOurAnswers + parsed() + bound() + error("57014") + ready());
  EXPECT_THAT(talk.heard(), IsEmpty());
  talk.cancel_closed();
  EXPECT_EQ(talk.sent(), kRunNamed) << "the server has the named statement already";
  EXPECT_EQ(talk.heard(), parsed());
  talk.server(bound() + row("5") + complete("SELECT 1") + ready());
  EXPECT_EQ(talk.heard(), bound() + row("5") + complete("SELECT 1") + ready());
  EXPECT_TRUE(talk.conversation->idle());
}

TEST_P(AttemptsTest, ABatchThatIsStoppedBeforeItsParseIsSentWhole) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(), kBatchSql);
  talk.client(parse("s", kBatchSql) + kRunNamed);
  talk.sent();
  talk.heard();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(parsed() + error("57014") + ready());
  talk.cancel_closed();
  EXPECT_EQ(talk.sent(), parse("s", kBatchSql) + kRunNamed);
  EXPECT_THAT(talk.heard(), IsEmpty());
}

TEST_P(AttemptsTest, AHedgedRuleRunsTheDefaultFirstAndLeavesItAloneWhileItIsFast) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)));
  talk.heard();
  talk.client(kSelect);
  EXPECT_EQ(talk.sent(), kSelect);
  EXPECT_TRUE(talk.conversation->limit());
  const auto answer = rows_described() + row("1") + complete("SELECT 1") + ready();
  talk.server(answer);
  EXPECT_EQ(talk.heard(), answer);
  EXPECT_FALSE(talk.conversation->limit());
  EXPECT_FALSE(talk.conversation->stop_at_limit());
  const auto& told = talk.events.statements.back();
  EXPECT_EQ(told.decision.arm, kDefaultArm);
  EXPECT_EQ(told.decision.reason, DecisionReason::kHedged);
  EXPECT_EQ(told.lost, Millis(0));
}

// A default that took longer than its patience has been stopped.
void outlast_patience(Talk& talk) {
  talk.heard();
  talk.sent();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(error("57014") + ready());
  EXPECT_THAT(talk.heard(), IsEmpty());
  talk.cancel_closed();
}

TEST_P(AttemptsTest, WhatIsNotSafeOnOneConnectionRunsUnderTheDefault) {
  auto talk = plain();
  talk.server(kKey);
  auto rule = rule_for_arm(Millis(100));
  rule.rest.switch_after = Millis(0);
  steer_by(talk, rule);
  talk.heard();
  talk.client(kSelect);
  EXPECT_EQ(talk.sent(), kSelect);
  EXPECT_FALSE(talk.conversation->limit());
  talk.server(row("1") + complete("SELECT 1") + ready());
  EXPECT_EQ(talk.events.statements.back().decision.arm, kDefaultArm);
  EXPECT_EQ(talk.events.statements.back().lost, Millis(0));
}

TEST_P(AttemptsTest, PastThePatienceTheStatementRunsUnderTheHint) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)));
  talk.client(kSelect);
  outlast_patience(talk);
  EXPECT_EQ(talk.sent(), kHinted);
  EXPECT_TRUE(talk.conversation->limit()) << "the arm has its deadline";
  const auto answer = rows_described() + row("1") + complete("SELECT 1") + ready();
  talk.server(complete("SET") + answer);
  EXPECT_EQ(talk.heard(), answer);
  const auto& told = talk.events.statements.back();
  EXPECT_EQ(told.decision.arm, kArm);
  EXPECT_EQ(told.decision.reason, DecisionReason::kHedged);
  EXPECT_FALSE(told.timed_out);
  EXPECT_GT(told.lost, Millis(0));
  EXPECT_EQ(told.arm_latency, told.latency - told.lost);
}

TEST_P(AttemptsTest, AnArmThatIsLateTooGivesWayToTheDefaultForGood) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)));
  talk.client(kSelect);
  outlast_patience(talk);
  outlast_patience(talk);
  EXPECT_EQ(talk.sent(), kSelect);
  EXPECT_FALSE(talk.conversation->limit());
  talk.server(row("1") + complete("SELECT 1") + ready());
  EXPECT_EQ(talk.heard(), row("1") + complete("SELECT 1") + ready());
  EXPECT_TRUE(talk.events.statements.back().timed_out);
  EXPECT_EQ(talk.events.statements.back().decision.arm, kDefaultArm);
}

TEST_P(AttemptsTest, ATrialIsRunOnceAndItsEndTold) {
  auto talk = plain();
  talk.trials.trial = Trial{kArm, 0.05F, Millis(700)};
  const auto answer = rows_described() + row("1") + complete("SELECT 1") + ready();
  talk.client(kSelect);
  EXPECT_EQ(talk.sent(), kHinted);
  talk.server(complete("SET") + answer);
  EXPECT_EQ(talk.heard(), answer);
  ASSERT_EQ(talk.trials.ends.size(), 1U);
  EXPECT_TRUE(talk.trials.ends[0].settled);
  EXPECT_FALSE(talk.trials.ends[0].failed);
  const auto& told = talk.events.statements.back().decision;
  EXPECT_EQ(told.reason, DecisionReason::kExploring);
  EXPECT_EQ(told.arm, kArm);
  EXPECT_FLOAT_EQ(told.propensity, 0.05F);
  EXPECT_EQ(told.deadline, Millis(700));
  talk.client(kSelect);
  EXPECT_EQ(talk.sent(), kSelect);
}

TEST_P(AttemptsTest, ATrialPastItsDeadlineEndsUnderTheDefault) {
  auto talk = plain();
  talk.server(kKey);
  talk.trials.trial = Trial{kArm, 0.05F, Millis(700)};
  talk.client(kSelect);
  talk.sent();
  talk.heard();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(error("57014") + ready());
  talk.cancel_closed();
  EXPECT_EQ(talk.sent(), kSelect);
  EXPECT_THAT(talk.heard(), IsEmpty());
  ASSERT_EQ(talk.trials.ends.size(), 1U);
  EXPECT_TRUE(talk.trials.ends[0].timed_out);
  EXPECT_EQ(talk.trials.ends[0].latency, Millis(700));
}

TEST_P(AttemptsTest, ATrialThatItsClientGivesUpSaysNothingOfTheArm) {
  auto talk = plain();
  talk.trials.trial = Trial{kArm, 0.05F, Millis(700)};
  talk.client(kSelect);
  talk.server(complete("SET") + error("57014") + ready());
  ASSERT_EQ(talk.trials.ends.size(), 1U);
  EXPECT_FALSE(talk.trials.ends[0].settled);
}

TEST_P(AttemptsTest, ATrialWaitsForAStatementThatMayBeHinted) {
  auto talk = plain();
  talk.trials.trial = Trial{kArm, 0.05F, Millis(700)};
  talk.client(query("BEGIN"));
  talk.server(complete("BEGIN") + ready('T'));
  talk.client(kSelect);
  talk.server(rows_described() + complete("SELECT 0") + ready('T'));
  talk.client(query("UPDATE t SET a = 1"));
  talk.server(complete("UPDATE 1") + ready('T'));
  EXPECT_TRUE(talk.trials.trial);
  EXPECT_THAT(talk.trials.ends, IsEmpty());
}

TEST_P(AttemptsTest, NothingIsTriedUnlessSteering) {
  auto talk = plain();
  talk.trials.trial = Trial{kArm, 0.05F, Millis(700)};
  talk.optimizer.set_mode(Mode::kAdvise);
  talk.client(kSelect);
  EXPECT_EQ(talk.sent(), kSelect);
}

TEST_P(AttemptsTest, ABatchMayBeATrial) {
  auto talk = plain();
  talk.trials.trial = Trial{kArm, 0.05F, Millis(700)};
  talk.client(parse("s", kBatchSql) + kRunNamed);
  talk.server(parsed() + kOurAnswers + parsed() + bound() + row("5") + complete("SELECT 1") +
              ready());
  ASSERT_EQ(talk.trials.ends.size(), 1U);
  EXPECT_TRUE(talk.trials.ends[0].settled);
  EXPECT_EQ(talk.heard(), parsed() + bound() + row("5") + complete("SELECT 1") + ready());
}

TEST_P(AttemptsTest, AnErrorOfTheDefaultIsTheClients) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)));
  talk.heard();
  talk.client(kSelect);
  talk.sent();
  talk.server(error("22012") + ready());
  EXPECT_EQ(talk.heard(), error("22012") + ready());
  EXPECT_THAT(talk.sent(), IsEmpty());
}

TEST_P(AttemptsTest, AHedgedBatchKeepsTheClientsUnnamedStatementAndItsPlanFresh) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)));
  const auto said = parse("", "SELECT a FROM t") + bind("", "") + execute() + sync();
  talk.heard();
  talk.client(said);
  EXPECT_EQ(talk.sent(), said);
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(parsed() + bound() + error("57014") + ready());
  talk.cancel_closed();
  const auto& arm = talk.injections[kArm];
  EXPECT_EQ(talk.sent(), arm.parse + arm.set + said)
      << "parsed anew, for it holds the default's plan";
  const auto answer = parsed() + bound() + row("5") + complete("SELECT 1") + ready();
  talk.server(parsed() + kOurAnswers + answer);
  EXPECT_EQ(talk.heard(), answer);
  const auto again = bind("", "") + execute() + sync();
  talk.client(again);
  EXPECT_EQ(talk.sent(), parse("", "SELECT a FROM t") + again) << "and now the hint's";
}

TEST_P(AttemptsTest, ANamedBatchIsToldOnceThatItWasParsedHoweverManyAttempts) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)), kBatchSql);
  talk.heard();
  talk.client(parse("s", kBatchSql) + kRunNamed);
  talk.sent();
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(parsed() + bound() + error("57014") + ready());
  talk.cancel_closed();
  EXPECT_EQ(talk.heard(), parsed());
  EXPECT_EQ(talk.sent(), talk.injections[kArm].parse + talk.injections[kArm].set + kRunNamed);
  ASSERT_TRUE(talk.conversation->stop_at_limit());
  talk.server(parsed() + kOurAnswers + bound() + error("57014") + ready());
  talk.cancel_closed();
  EXPECT_EQ(talk.sent(), kRunNamed);
  const auto answer = bound() + row("5") + complete("SELECT 1") + ready();
  talk.server(answer);
  EXPECT_EQ(talk.heard(), answer);
  EXPECT_TRUE(talk.conversation->idle());
}

TEST_P(AttemptsTest, NoHintFollowsThePatienceOnceHintsAreOff) {
  auto talk = plain();
  talk.server(kKey);
  steer_by(talk, rule_for_arm(Millis(100)));
  talk.client(kSelect);
  talk.sent();
  talk.switches.off = true;
  EXPECT_FALSE(talk.conversation->stop_at_limit());
  EXPECT_FALSE(talk.conversation->limit());
}

TEST_P(AttemptsTest, AnArmThatFailsIsNoErrorOfTheClients) {
  auto talk = hinting();
  talk.client(kSelect);
  talk.sent();
  talk.server(complete("SET") + rows_described() + error("53200") + ready());
  EXPECT_THAT(talk.heard(), IsEmpty());
  EXPECT_EQ(talk.sent(), kSelect);
}

TEST_P(AttemptsTest, WhatTheClientSaysBehindAHintedStatementStaysBehindIt) {
  auto talk = hinting();
  talk.client(kSelect + query("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(talk.sent(), kHinted);
  talk.server(error("42704") + ready());
  EXPECT_EQ(talk.sent(), kSelect + query("INSERT INTO t VALUES (1)"));
}

}  // namespace
}  // namespace hintd::proxy::test
