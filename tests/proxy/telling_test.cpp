// What telemetry hears of a session's statements.
#include "talk_test.h"

namespace hintd::proxy::test {
namespace {

class TellingTest : public TalkTest {};
INSTANTIATE_TEST_SUITE_P(Fragments, TellingTest, testing::Values(1, 3, 50'000));

TEST_P(TellingTest, StatementsAreToldWithRowsErrorsAndArm) {
  auto talk = hinting();
  talk.client(query("SELECT a FROM t"));
  talk.server(complete("SET") + row("1") + row("2") + complete("SELECT 2") + ready());
  talk.client(query("SELECT a FROM t FOR UPDATE"));
  talk.server(error("55P03") + ready());
  ASSERT_EQ(talk.events.statements.size(), 2U);
  const auto& [hinted, failed] = std::tie(talk.events.statements[0], talk.events.statements[1]);
  EXPECT_EQ(hinted.decision.arm, kArm);
  EXPECT_EQ(hinted.rows, 2);
  EXPECT_EQ(hinted.bytes, static_cast<std::int64_t>(2 * row("1").size()));
  EXPECT_GE(hinted.latency, hinted.first_row);
  EXPECT_EQ(hinted.passed, "");
  EXPECT_EQ(failed.decision.arm, kDefaultArm);
  EXPECT_EQ(failed.passed, "not_eligible");
  EXPECT_EQ(failed.error, "55P03: something is wrong");
}

TEST_P(TellingTest, AStatementIsToldAsOneWhereverItsLiteralsStand) {
  auto talk = plain();
  const auto id_told = [&](const std::string& said, const std::string& answer) {
    talk.client(said);
    talk.server(answer);
    return talk.events.statements.back().statement;
  };
  const auto simple = [&](const std::string& sql) {
    return id_told(query(sql), complete("SELECT 0") + ready());
  };
  const auto answer = bound() + complete("SELECT 0") + ready();
  const auto with_5 = simple("SELECT a FROM t WHERE b = 5");
  EXPECT_NE(with_5, 0U);
  EXPECT_NE(simple("SELECT a FROM t WHERE b = 6"), with_5);
  const auto prepare = parse("s", "SELECT a FROM t WHERE b = $1");
  EXPECT_EQ(id_told(prepare + bind("", "s", {"5"}) + execute() + sync(), parsed() + answer),
            with_5);
  EXPECT_NE(id_told(bind("", "s", {"6"}) + execute() + sync(), answer), with_5);
  EXPECT_EQ(id_told(bind("", "s") + execute() + sync(), answer), 0U) << "no value is known";
}

TEST_P(TellingTest, ACopyIsToldWithItsLinesAndBytes) {
  auto talk = plain();
  talk.client(query("COPY t TO STDOUT"));
  const auto line = message('d', "1\tone\n");
  talk.server(message('H', std::string(3, '\0')) + line + line + message('c', "") +
              complete("COPY 2") + ready());
  ASSERT_EQ(talk.events.statements.size(), 1U);
  const auto& told = talk.events.statements[0];
  EXPECT_EQ(told.rows, 2);
  EXPECT_EQ(told.bytes, static_cast<std::int64_t>(2 * line.size()));
  EXPECT_GT(told.first_row, Millis(0));
}

TEST_P(TellingTest, AFullTelemetryQueueIsCountedAndNothingElse) {
  auto talk = plain();
  talk.events.full = true;
  talk.client(query("SELECT a FROM t"));
  talk.server(complete("SELECT 0") + ready());
  EXPECT_EQ(talk.heard(), complete("SELECT 0") + ready());
  EXPECT_EQ(talk.worker.counters.telemetry_dropped.get(), 2) << "the template, the statement";
}

}  // namespace
}  // namespace hintd::proxy::test
