#include <gtest/gtest.h>

#include "support.h"
#include "telemetry/schema.h"

namespace hintd::telemetry {
namespace {

class ReaderRunsTest : public TelemetryTest {
 protected:
  std::vector<LoggedRun> runs(const std::vector<std::string>& arms, TimePoint since = {}) {
    auto reader = Reader::open(config_.path);
    EXPECT_TRUE(reader) << reader.error().text();
    auto runs = reader->read_runs(arms, since);
    EXPECT_TRUE(runs) << runs.error().text();
    return *runs;
  }
};

TEST_F(ReaderRunsTest, AStatementComesBackAsItWasLogged) {
  auto query = a_query(5, 12.5, 2);
  query.statement = 0xABCDEF0123456789;
  query.decision.propensity = 0.25F;
  query.decision.policy_version = 7;
  query.timed_out = true;
  store({a_run(), query});
  const auto all = runs(a_run().arms);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].fingerprint, query.fingerprint);
  EXPECT_EQ(all[0].statement, query.statement);
  EXPECT_EQ(all[0].arm, 2);
  EXPECT_EQ(all[0].reason, DecisionReason::kVerified);
  EXPECT_DOUBLE_EQ(all[0].propensity, 0.25);
  EXPECT_EQ(all[0].policy_version, 7U);
  EXPECT_DOUBLE_EQ(all[0].latency_ms, 12.5);
  EXPECT_TRUE(all[0].timed_out);
  EXPECT_FALSE(all[0].failed);
  EXPECT_EQ(all[0].time, query.time);
}

TEST_F(ReaderRunsTest, ArmsAreNumberedAsTheCallerHasThem) {
  store({a_run(), a_query(1, 1, 1), a_query(2, 1, 2)});
  const auto all = runs({"default", "hash_only"});
  ASSERT_EQ(all.size(), 1U) << "the caller has no no_nested_loop";
  EXPECT_EQ(all[0].arm, 1);
}

TEST_F(ReaderRunsTest, OnlyThoseFromTheGivenTimeOn) {
  store({a_run(), a_query(1, 1), a_query(2, 2), a_query(3, 3)});
  EXPECT_EQ(runs(a_run().arms, at_second(2)).size(), 2U);
}

TEST_F(ReaderRunsTest, AFileOfTheFirstVersionIsReadAndBroughtUpToDate) {
  store({a_run(), a_query(1, 1)});
  {
    auto database = Database::open(config_.path, Database::Access::kReadWrite);
    for (const auto* added : {"lost_us", "statement", "first_row_us", "bytes"}) {
      const auto drop = "ALTER TABLE observations DROP COLUMN " + std::string(added);
      ASSERT_TRUE(database->execute(drop.c_str()));
    }
    ASSERT_TRUE(
        database->execute("DROP TABLE rollups; DROP TABLE rollup_state; DROP INDEX "
                          "observations_time; DROP INDEX safety_events_time; DROP INDEX "
                          "training_steps_time; ALTER TABLE templates DROP COLUMN sample; PRAGMA "
                          "user_version = 1"));
  }
  EXPECT_EQ(runs(a_run().arms).at(0).statement, 0U);
  auto query = a_query(2, 2);
  query.statement = 9;
  store({a_run(), query});
  const auto all = runs(a_run().arms);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].statement, 0U);
  EXPECT_EQ(all[1].statement, 9U);
}

TEST_F(ReaderRunsTest, TemplatesAreKnownByTheirText) {
  store({a_run(), TemplateSeen{5, "orders", "SELECT $1", ""}});
  auto reader = Reader::open(config_.path);
  EXPECT_EQ(reader->read_templates()->at(5), "SELECT $1");
}

}  // namespace
}  // namespace hintd::telemetry
