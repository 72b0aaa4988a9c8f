#include "proxy/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "talk_test.h"

namespace hintd::proxy::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Everything arrives whole, and everything arrives byte by byte.
class ConversationTest : public TalkTest {};
INSTANTIATE_TEST_SUITE_P(Fragments, ConversationTest, testing::Values(1, 3, 50'000));

TEST_P(ConversationTest, WhatIsNotHintedGoesThroughByteForByte) {
  auto talk = plain();
  const auto said = query("SELECT 1") + parse("s", "SELECT $1") + bind("", "s", {"5"}) + execute() +
                    sync() + query("UPDATE t SET a = 1") + message('X', "");
  const auto answered = rows_described() + row("1") + complete("SELECT 1") + ready() + parsed() +
                        bound() + row("5") + complete("SELECT 1") + ready() + complete("UPDATE 7") +
                        ready();
  talk.client(said);
  talk.server(answered);
  EXPECT_EQ(talk.sent(), said);
  EXPECT_EQ(talk.heard(), answered);
}

TEST_P(ConversationTest, AHintGoesBeforeTheTextAndItsAnswerIsSwallowed) {
  auto talk = hinting();
  talk.client(query("SELECT a FROM t"));
  EXPECT_EQ(talk.sent(), query(std::string(kSet) + "SELECT a FROM t"));
  const auto answer = rows_described() + row("1") + complete("SELECT 1") + ready();
  talk.server(complete("SET") + answer);
  EXPECT_EQ(talk.heard(), answer);
}

TEST_P(ConversationTest, EverySettingOfAnArmIsSwallowed) {
  Talk talk(ArmId{2}, GetParam());
  talk.client(query("SELECT a FROM t"));
  talk.server(complete("SET") + complete("SET") + complete("SELECT 0") + ready());
  EXPECT_EQ(talk.heard(), complete("SELECT 0") + ready());
}

TEST_P(ConversationTest, AnErrorKeepsItsPosition) {
  auto talk = hinting();
  talk.client(query("SELECT nope FROM t"));
  talk.server(complete("SET") + error("42703", std::to_string(8 + std::string(kSet).size())) +
              ready());
  EXPECT_EQ(talk.heard(), error("42703", "8") + ready());
}

TEST_P(ConversationTest, OnlyOneListedSelectIsHinted) {
  for (const auto* sql :
       {"UPDATE t SET a = 1", "SELECT nextval('s')", "SELECT 1; SELECT 2",
        "SELECT a FROM t FOR UPDATE", "SELECT name FROM pg_settings", "BEGIN",
        "WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x", "not sql", "",
        "SELECT a FROM t TABLESAMPLE system(10)", "SELECT a OPERATOR(public.+) 1 FROM t"}) {
    auto talk = hinting();
    talk.client(query(sql));
    EXPECT_EQ(talk.sent(), query(sql));
  }
}

TEST_P(ConversationTest, NothingIsHintedInATransaction) {
  for (const char status : {'T', 'E'}) {
    auto talk = hinting();
    talk.client(query("BEGIN"));
    talk.server(complete("BEGIN") + ready(status));
    talk.sent();
    talk.client(query("SELECT a FROM t"));
    EXPECT_EQ(talk.sent(), query("SELECT a FROM t"));
  }
}

TEST_P(ConversationTest, NothingIsHintedWhileOthersAreInFlight) {
  auto talk = hinting();
  talk.client(query("SELECT pg_sleep(1)") + query("SELECT a FROM t"));
  EXPECT_EQ(talk.sent(), query("SELECT pg_sleep(1)") + query("SELECT a FROM t"));
}

TEST_P(ConversationTest, ARefusedHintSendsTheStatementAgainAsItCame) {
  auto talk = hinting();
  talk.client(query("SELECT a FROM t"));
  talk.sent();
  talk.server(error("42704"));
  EXPECT_THAT(talk.heard(), IsEmpty());
  talk.client(query("SELECT 2"));
  EXPECT_THAT(talk.sent(), IsEmpty()) << "the client's next statement waits";
  talk.server(ready());
  EXPECT_THAT(talk.sent(), StartsWith(query("SELECT a FROM t")));
  const auto answer = complete("SELECT 0") + ready();
  talk.server(answer);
  EXPECT_EQ(talk.heard(), answer);
}

TEST_P(ConversationTest, ACancelThatHitsTheHintIsTheClientsError) {
  auto talk = hinting();
  talk.client(query("SELECT a FROM t"));
  talk.sent();
  talk.server(error("57014") + ready());
  EXPECT_EQ(talk.heard(), error("57014") + ready());
  EXPECT_THAT(talk.sent(), IsEmpty()) << "a cancelled statement is not run again";
}

TEST_P(ConversationTest, AServerThatEndsDuringTheHintIsHeard) {
  auto talk = hinting();
  talk.client(query("SELECT a FROM t"));
  talk.server(error("57P01", "", "FATAL"));
  EXPECT_EQ(talk.heard(), error("57P01", "", "FATAL"));
}

std::string batch(const std::string& first = parse("", "SELECT a FROM t WHERE a = $1")) {
  return first + bind("", "", {"5"}) + describe('P', "") + execute() + sync();
}

TEST_P(ConversationTest, ABatchIsHintedByAStatementOfOurOwn) {
  auto talk = hinting();
  talk.client(batch());
  const auto& arm = talk.injections[kArm];
  EXPECT_EQ(talk.sent(), arm.parse + arm.set + batch());
  const auto answer =
      parsed() + bound() + rows_described() + row("5") + complete("SELECT 1") + ready();
  talk.server(parsed() + kOurAnswers + answer);
  EXPECT_EQ(talk.heard(), answer);

  talk.client(batch());
  EXPECT_EQ(talk.sent(), arm.set + batch()) << "it is prepared once";
}

TEST_P(ConversationTest, AStatementPreparedEarlierIsHinted) {
  auto talk = hinting();
  talk.client(parse("s", "SELECT a FROM t WHERE a = $1") + sync());
  talk.server(parsed() + ready());
  talk.sent();
  const auto said = bind("", "s", {"5"}) + execute() + sync();
  talk.client(said);
  EXPECT_THAT(talk.sent(), EndsWith(talk.injections[kArm].set + said));
}

TEST_P(ConversationTest, ANamedStatementWithoutParametersIsNotHinted) {
  auto talk = hinting();
  const auto said = parse("s", "SELECT a FROM t") + bind("", "s") + execute() + sync();
  talk.client(said);
  EXPECT_EQ(talk.sent(), said);
}

TEST_P(ConversationTest, AHintedPlanOfTheUnnamedStatementIsNotUsedAgain) {
  auto talk = hinting();
  const auto unnamed = parse("", "SELECT a FROM t");
  talk.client(unnamed + bind("", "") + execute() + sync());
  talk.server(parsed() + kOurAnswers + parsed() + bound() + complete("SELECT 0") + ready());
  talk.sent();
  talk.heard();
  const auto again = bind("", "") + execute() + sync();
  talk.client(again);
  EXPECT_EQ(talk.sent(), unnamed + again) << "the plan made under the hint is gone first";
  talk.server(parsed() + bound() + complete("SELECT 0") + ready());
  EXPECT_EQ(talk.heard(), bound() + complete("SELECT 0") + ready());
}

TEST_P(ConversationTest, BatchesOfSeveralStatementsAreNotHinted) {
  auto talk = hinting();
  const auto said = parse("", "SELECT a FROM t WHERE a = $1") + bind("", "", {"1"}) + execute() +
                    bind("", "", {"2"}) + execute() + sync();
  talk.client(said);
  EXPECT_EQ(talk.sent(), said);
}

TEST_P(ConversationTest, AFlushIsNotHeldBack) {
  auto talk = hinting();
  const auto said = parse("", "SELECT a FROM t WHERE a = $1") + describe('S', "") + flush();
  talk.client(said);
  EXPECT_EQ(talk.sent(), said);
  talk.server(parsed() + rows_described());
  EXPECT_EQ(talk.heard(), parsed() + rows_described());
}

TEST_P(ConversationTest, AnErrorDoesNotWaitForTheSync) {
  auto talk = plain();
  talk.client(parse("", "SELEC") + flush());
  talk.server(error("42601", "1"));
  EXPECT_EQ(talk.heard(), error("42601", "1"));
}

TEST_P(ConversationTest, OurStatementThatTheClientDroppedIsMadeAnew) {
  auto talk = hinting();
  talk.client(batch());
  talk.server(parsed() + kOurAnswers + parsed() + bound() + complete("SELECT 0") + ready());
  talk.sent();
  talk.heard();
  talk.client(batch());
  talk.sent();
  talk.server(error("26000"));
  EXPECT_THAT(talk.heard(), IsEmpty());
  talk.server(ready());
  EXPECT_EQ(talk.sent(), batch()) << "as it came";
  const auto answer = parsed() + bound() + complete("SELECT 0") + ready();
  talk.server(answer);
  EXPECT_EQ(talk.heard(), answer);
  talk.client(batch());
  EXPECT_THAT(talk.sent(), StartsWith(talk.injections[kArm].parse));
}

TEST_P(ConversationTest, DiscardAllIsNoticed) {
  auto talk = hinting();
  talk.client(batch());
  talk.server(parsed() + kOurAnswers + parsed() + bound() + complete("SELECT 0") + ready());
  talk.client(query("DISCARD ALL"));
  talk.server(complete("DISCARD ALL") + ready());
  talk.sent();
  talk.client(batch());
  EXPECT_THAT(talk.sent(), StartsWith(talk.injections[kArm].parse));
}

TEST_P(ConversationTest, AFailedParseLeavesNoStatementBehind) {
  auto talk = hinting();
  talk.client(parse("s", "SELECT a FROM t WHERE a = $1") + sync());
  talk.server(error("42P01") + ready());
  talk.sent();
  const auto said = bind("", "s", {"5"}) + execute() + sync();
  talk.client(said);
  EXPECT_EQ(talk.sent(), said) << "what is not known is not hinted";
}

TEST_P(ConversationTest, APipelineWithAnErrorInTheMiddleStaysInStep) {
  auto talk = plain();
  talk.client(parse("", "SELECT a FROM t WHERE a = $1") + bind("", "", {"1"}) + execute() +
              parse("", "SELECT 1/0") + bind("", "") + execute() + bind("", "") + execute() +
              sync() + query("SELECT b FROM t"));
  talk.server(parsed() + bound() + row("1") + complete("SELECT 1") + parsed() + bound() +
              error("22012") + ready() + row("2") + complete("SELECT 1") + ready());
  ASSERT_EQ(talk.events.statements.size(), 3U);
  EXPECT_EQ(talk.events.statements[0].error, "");
  EXPECT_THAT(talk.events.statements[1].error, StartsWith("22012"));
  EXPECT_EQ(talk.events.statements[2].error, "");
  EXPECT_EQ(talk.events.statements[2].rows, 1);
  EXPECT_TRUE(talk.conversation->idle());
}

TEST_P(ConversationTest, ACopyWithAnEarlySyncStaysInStep) {
  auto talk = plain();
  talk.client(parse("", "COPY t FROM STDIN") + bind("", "") + execute() + sync());
  talk.server(parsed() + bound() + message('G', std::string(3, '\0')));
  talk.client(message('d', "1\n") + message('c', "") + sync());
  talk.server(complete("COPY 1") + ready());
  EXPECT_TRUE(talk.conversation->idle());
  talk.client(query("SELECT b FROM t"));
  talk.server(row("2") + complete("SELECT 1") + ready());
  EXPECT_EQ(talk.events.statements.back().rows, 1);
  EXPECT_TRUE(talk.conversation->idle());
}

TEST_P(ConversationTest, ASimpleCopyStaysInStep) {
  auto talk = hinting();
  talk.client(query("COPY t FROM STDIN"));
  talk.server(message('G', std::string(3, '\0')));
  talk.client(message('d', "1\n") + message('c', ""));
  talk.server(complete("COPY 1") + ready());
  EXPECT_TRUE(talk.conversation->idle());
  talk.sent();
  talk.client(query("SELECT b FROM t"));
  EXPECT_EQ(talk.sent(), query(std::string(kSet) + "SELECT b FROM t"));
}

TEST_P(ConversationTest, AnAnswerNobodyAskedForEndsHints) {
  auto talk = hinting();
  talk.server(ready());
  talk.client(query("SELECT a FROM t"));
  EXPECT_EQ(talk.sent(), query("SELECT a FROM t"));
  talk.server(complete("SELECT 0") + ready());
  EXPECT_EQ(talk.heard(), ready() + complete("SELECT 0") + ready());
}

TEST_P(ConversationTest, NoticesNotificationsAndSettingsPassAtAnyTime) {
  auto talk = hinting();
  talk.client(query("SELECT a FROM t"));
  const auto told =
      message('A', "1234a" + text("") + text("")) + message('S', text("TimeZone") + text("UTC"));
  talk.server(told + complete("SET") + told + complete("SELECT 0") + told + ready() + told);
  EXPECT_EQ(talk.heard(), told + told + complete("SELECT 0") + told + ready() + told);
}

TEST_P(ConversationTest, UnsafeTextSettingsEndHints) {
  const std::vector<std::pair<std::string, std::string>> reports = {
      {"standard_conforming_strings", "off"}, {"client_encoding", "SJIS"}};
  for (const auto& [name, value] : reports) {
    auto talk = hinting();
    talk.server(message('S', text(name) + text(value)));
    talk.client(query("SELECT a FROM t"));
    EXPECT_EQ(talk.sent(), query("SELECT a FROM t")) << name;
  }
}

TEST_P(ConversationTest, TheKillSwitchWorksFromTheNextStatementOn) {
  auto talk = hinting();
  talk.switches.off = true;
  talk.client(query("SELECT a FROM t"));
  EXPECT_EQ(talk.sent(), query("SELECT a FROM t"));
  talk.server(complete("SELECT 0") + ready());
  talk.switches.off = false;
  talk.client(query("SELECT a FROM t"));
  EXPECT_THAT(talk.sent(), HasSubstr(kSet));
}

TEST_P(ConversationTest, ASessionTurnsHintsOffForItself) {
  auto talk = hinting();
  talk.client(query("SET hintd.mode = off"));
  EXPECT_EQ(talk.sent(), query("SET hintd.mode = off")) << "the server keeps it too";
  talk.server(complete("SET") + ready());
  talk.client(query("SELECT a FROM t"));
  EXPECT_EQ(talk.sent(), query("SELECT a FROM t"));
  talk.server(complete("SELECT 0") + ready());
  talk.client(query("SET hintd.mode TO 'on';"));
  talk.server(complete("SET") + ready());
  talk.sent();
  talk.client(query("SELECT a FROM t"));
  EXPECT_THAT(talk.sent(), HasSubstr(kSet));
}

TEST_P(ConversationTest, ShowIsAnsweredWithoutTheServer) {
  auto talk = plain();
  talk.client(query("show hintd.status;"));
  EXPECT_THAT(talk.sent(), IsEmpty());
  EXPECT_THAT(talk.heard(), EndsWith(row("x").substr(0, 0) + complete("SHOW") + ready()));
  talk.client(query("show hintd.nothing"));
  EXPECT_EQ(talk.sent(), query("show hintd.nothing")) << "the server says that it knows none";
}

TEST_P(ConversationTest, MessagesTooLongToHoldPassThrough) {
  auto talk = hinting();
  const auto said =
      query("SELECT a FROM t WHERE b = '" + std::string(Conversation::kMaxWhole, 'x') + "'");
  talk.client(said);
  EXPECT_TRUE(talk.sent() == said);
  const auto answer = row(std::string(200'000, 'y')) + complete("SELECT 1") + ready();
  talk.server(answer);
  EXPECT_TRUE(talk.heard() == answer);
}

TEST_P(ConversationTest, NonsenseLengthsPassThroughForTheServerToRefuse) {
  auto talk = plain();
  const auto said = query("SELECT 1") + std::string("Q\xFF\xFF\xFF\xFF rubbish");
  talk.client(said);
  EXPECT_EQ(talk.sent(), said);
}

}  // namespace
}  // namespace hintd::proxy::test
