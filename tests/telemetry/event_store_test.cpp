#include "telemetry/event_store.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support.h"
#include "telemetry/schema.h"

namespace hintd::telemetry {
namespace {

class EventStoreTest : public TelemetryTest {
 protected:
  std::string value(const std::string& sql) {
    auto database = Database::open(config_.path, Database::Access::kReadOnly);
    if (!database) return database.error().text();
    auto rows = database->prepare(sql);
    if (!rows) return rows.error().text();
    std::string text;
    const auto read = rows->for_each([&](const Statement& row) { text += row.text(0); });
    return read ? text : read.error().text();
  }
};

TEST_F(EventStoreTest, AnObservationKeepsEveryField) {
  auto query = a_query(7, 12.345, 2);
  query.kind = RunKind::kExplorer;
  query.decision.policy_version = 9;
  query.decision.propensity = 0.25F;
  query.decision.deadline = Millis{50};
  query.arm_latency = Millis{11.5};
  query.timed_out = true;
  query.rows = 13;
  query.plan_hash = 0xFFFFFFFFFFFFFFFF;
  query.blocks_hit = 17;
  query.blocks_read = 19;
  query.error = "57014: canceling statement due to statement timeout";
  store({a_run(), PhaseStarted{at_second(1), "learning"}, query});
  EXPECT_EQ(value("SELECT concat FROM (SELECT phases.name || ' ' || arms.name || ' ' || "
                  "reasons.name || ' ' || errors.name AS concat FROM observations JOIN phases ON "
                  "phases.id = phase_id JOIN arms ON arms.id = arm_id JOIN reasons ON reasons.id "
                  "= reason_id JOIN errors ON errors.id = error_id)"),
            "learning hash_only verified 57014: canceling statement due to statement timeout");
  EXPECT_EQ(value("SELECT explorer || ' ' || (time / 1000000 - 1700000000) || ' ' || "
                  "policy_version || ' ' || propensity || ' ' || deadline_us || ' ' || latency_us "
                  "|| ' ' || arm_latency_us || ' ' || timed_out || ' ' || row_count || ' ' || "
                  "plan_hash || ' ' || blocks_hit || ' ' || blocks_read FROM observations"),
            "1 7 9 0.25 50000 12345 11500 1 13 -1 17 19");
}

TEST_F(EventStoreTest, ATemplateIsStoredOnceAndItsLastNameWins) {
  store({a_run(), a_query(1, 1), TemplateSeen{0xF000000000000001, "old", "select $1", "joins"},
         TemplateSeen{0xF000000000000001, "top_customers", "select $1", "joins"}, a_query(2, 1)});
  EXPECT_EQ(value("SELECT name || query_class || normalized FROM templates"),
            "top_customersjoinsselect $1");
}

TEST_F(EventStoreTest, AStatementAsItCameIsKeptWhereThatWasAskedForAndNotLonger) {
  const TemplateSeen seen{7, "", "select $1", "", "select 'secret'"};
  const auto sample = [this] { return value("SELECT coalesce(sample, 'none') FROM templates"); };
  store({a_run(), seen});
  EXPECT_EQ(sample(), "none");
  config_.keep_samples = true;
  auto another = seen;
  another.sample = "select 'another'";
  store({seen, another, TemplateSeen{7, "orders", "select $1", ""}});
  EXPECT_EQ(sample(), "select 'secret'");
  auto reader = Reader::open(config_.path);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->read_samples()->at(7), "select 'secret'");
  config_.keep_samples = false;
  store({a_run()});
  EXPECT_EQ(sample(), "none");
}

TEST_F(EventStoreTest, ATemplateKeepsItsNameWhenSeenByThoseWhoKnowNone) {
  store({a_run(), TemplateSeen{7, "orders", "SELECT $1", "analytical"},
         TemplateSeen{7, "", "SELECT $1", ""}});
  EXPECT_EQ(value("SELECT name || ' ' || query_class FROM templates"), "orders analytical");
}

TEST_F(EventStoreTest, PoliciesSafetyEventsAndTrainingStepsComeBackInTheReport) {
  store({a_run(), TemplateSeen{1, "bestsellers", "select 1", "aggregation"},
         TrainingStep{at_second(1), 10, 0.5, 0.1, 0.02, 640},
         PolicyPublished{at_second(2), 3, 12, 5, "{}"},
         SafetyEvent{at_second(3), "deadline_passed", 1, "arm=hash_only"}});
  const auto report = read();
  ASSERT_EQ(report.learning.size(), 1U);
  EXPECT_EQ(report.learning[0].step, 10);
  EXPECT_DOUBLE_EQ(report.learning[0].loss, 0.5);
  EXPECT_DOUBLE_EQ(report.learning[0].epsilon, 0.1);
  EXPECT_DOUBLE_EQ(report.learning[0].q_spread, 0.02);
  ASSERT_EQ(report.policies.size(), 1U);
  EXPECT_EQ(report.policies[0].version, 3);
  EXPECT_EQ(report.policies[0].templates, 12);
  EXPECT_EQ(report.policies[0].steered, 5);
  ASSERT_EQ(report.safety.size(), 1U);
  EXPECT_EQ(report.safety[0].name, "deadline_passed");
  EXPECT_EQ(report.safety[0].template_name, "bestsellers");
  EXPECT_EQ(report.safety[0].detail, "arm=hash_only");
  EXPECT_EQ(report.safety[0].time, at_second(3));
}

TEST_F(EventStoreTest, ALossThatIsNotANumberIsStoredAsUnknown) {
  store({a_run(), TrainingStep{at_second(1), 1, std::nan(""), 0.1, 0.1, 1}});
  ASSERT_EQ(read().learning.size(), 1U);
  EXPECT_TRUE(std::isnan(read().learning[0].loss));
}

TEST_F(EventStoreTest, EventsBeforeAnyRunGetOne) {
  store({a_query(5, 1), a_query(6, 1)});
  const auto report = read();
  EXPECT_EQ(report.queries, 2);
  EXPECT_EQ(report.command, "");
  ASSERT_EQ(report.arms.size(), 1U);
  EXPECT_EQ(report.arms[0].name, "arm_0");
  EXPECT_EQ(report.phases[0].hinted, 0);
}

TEST_F(EventStoreTest, EventsBeforeAnyPhaseGetOneNamedAfterTheCommand) {
  store({a_run(), a_query(5, 1)});
  ASSERT_EQ(read().phases.size(), 1U);
  EXPECT_EQ(read().phases[0].name, "demo");
}

TEST_F(EventStoreTest, WhyNoHintCouldBePutIsTheReasonThatIsKept) {
  auto query = a_query(1, 1);
  query.passed = "in_transaction";
  store({a_run(), query});
  EXPECT_EQ(value("SELECT reasons.name FROM observations JOIN reasons ON reasons.id = reason_id"),
            "in_transaction");
}

TEST_F(EventStoreTest, AnErrorLosesWhatItQuotes) {
  auto query = a_query(1, 1);
  query.error = "22P02: invalid input syntax for type integer: \"secret\"\nLINE 1: select 'secret'";
  store({a_run(), query});
  EXPECT_EQ(value("SELECT name FROM errors"),
            "22P02: invalid input syntax for type integer: \"...\"");
}

TEST_F(EventStoreTest, CountsBelongToTheRunTheyHappenedIn) {
  store({a_run(), a_query(1, 1), a_query(2, 1), a_run(), a_query(3, 1)});
  EXPECT_EQ(value("SELECT group_concat(events) FROM runs"), "3,2");
  EXPECT_EQ(read().events, 2);
  EXPECT_EQ(read().run, 2);
}

TEST_F(EventStoreTest, RunsBeyondTheRetentionGoWhenANewOneStarts) {
  auto old_run = a_run();
  old_run.time = at_second(0) - std::chrono::days{31};
  auto recent = a_run();
  recent.time = at_second(0) - std::chrono::days{29};
  auto old_query = a_query(1, 1);
  old_query.time = old_run.time;
  store({old_run, old_query, recent, a_query(1, 1), a_run(), a_query(1, 1)});
  EXPECT_EQ(value("SELECT group_concat(id) FROM runs"), "2,3");
  EXPECT_EQ(value("SELECT count(*) FROM observations"), "2");
}

TEST_F(EventStoreTest, ALongRunStaysAsLongAsItsStatementsDo) {
  auto long_run = a_run();
  long_run.time = at_second(0) - std::chrono::days{400};
  store({long_run, a_query(-1, 1), a_run()});
  EXPECT_EQ(value("SELECT group_concat(id) FROM runs"), "1,2");
  EXPECT_EQ(value("SELECT count(*) FROM observations"), "1");
}

TEST_F(EventStoreTest, AFullDiskKeepsWhatWasThereAndIsRecoveredFrom) {
  auto store = EventStore::open(config_);
  ASSERT_TRUE(store.has_value());
  ASSERT_TRUE((*store)->write(std::vector<Event>{a_run(), a_query(1, 1)}, {}).has_value());
  ASSERT_TRUE((*store)->database().execute("PRAGMA max_page_count = 1").has_value());

  const std::vector<Event> many(20000, a_query(2, 1));
  const auto refused = (*store)->write(many, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kExhausted);
  EXPECT_NE(refused.error().message.find(config_.path.string()), std::string::npos);
  EXPECT_EQ(read().queries, 1);

  ASSERT_TRUE((*store)->database().execute("PRAGMA max_page_count = 100000").has_value());
  ASSERT_TRUE((*store)->write(many, {0, 1}).has_value());
  EXPECT_EQ(read().queries, 20001);
  EXPECT_EQ(read().events, 20002);
  EXPECT_EQ(read().failed_batches, 1);
}

TEST_F(EventStoreTest, NamesLearnedInARolledBackBatchAreLearnedAgain) {
  auto store = EventStore::open(config_);
  ASSERT_TRUE(store.has_value());
  ASSERT_TRUE((*store)->write(std::vector<Event>{a_run()}, {}).has_value());
  ASSERT_TRUE((*store)->database().execute("PRAGMA max_page_count = 1").has_value());
  std::vector<Event> events{PhaseStarted{at_second(1), "learning"}};
  events.resize(20000, a_query(2, 1));
  ASSERT_FALSE((*store)->write(events, {}).has_value());
  ASSERT_TRUE((*store)->database().execute("PRAGMA max_page_count = 100000").has_value());
  ASSERT_TRUE((*store)->write(events, {}).has_value());
  ASSERT_EQ(read().phases.size(), 1U);
  EXPECT_EQ(read().phases[0].name, "learning");
  EXPECT_EQ(read().queries, 19999);
}

}  // namespace
}  // namespace hintd::telemetry
