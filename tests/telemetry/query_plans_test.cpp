// Every statement that any reader sends is caught on its way to SQLite and explained: none may scan
// a table that grows with the traffic.
#include <sqlite3.h>

#include <set>

#include "support.h"
#include "telemetry/history.h"
#include "telemetry/ledger_feed.h"
#include "telemetry/maintenance.h"
#include "telemetry/query_plans.h"
#include "telemetry/reports.h"
#include "telemetry/rollup.h"

namespace hintd::telemetry {
namespace {

// SQLite's hook for new connections takes no argument of ours.
std::set<std::string> caught;

int catch_statement(unsigned, void*, void* statement, void*) {
  caught.insert(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
  return 0;
}

int catch_statements(sqlite3* connection, const char**, const void*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, catch_statement, nullptr);
}

class QueryPlansTest : public TelemetryTest {
 protected:
  void SetUp() override {
    TelemetryTest::SetUp();
    TrainingStep step;
    step.time = at_second(1);
    store({a_run(), PhaseStarted{at_second(0), "baseline"}, a_query(1, 10), a_query(2, 10, 1), step,
           PolicyPublished{at_second(2), 1, 1, 1, ""},
           SafetyEvent{at_second(3), "arm_failed", 0xF000000000000001, ""}});
    {
      auto database = Database::open(config_.path, Database::Access::kReadWrite);
      ASSERT_TRUE(roll_up(*database, 100));
    }
    caught.clear();
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(catch_statements));
  }
  void TearDown() override {
    sqlite3_reset_auto_extension();
    TelemetryTest::TearDown();
  }

  // Steps of the plans of what was caught that read a whole table.
  std::set<std::string> scans() {
    sqlite3_reset_auto_extension();
    auto database = Database::open(config_.path, Database::Access::kReadOnly);
    std::set<std::string> found;
    for (const auto& sql : caught) {
      if (!sql.starts_with("SELECT") && !sql.starts_with("DELETE") && !sql.starts_with("UPDATE"))
        continue;
      auto plan = database->prepare("EXPLAIN QUERY PLAN " + sql);
      EXPECT_TRUE(plan) << sql;
      EXPECT_TRUE(plan->for_each([&](const Statement& row) {
        if (row.text(3).starts_with("SCAN ")) found.insert(std::string(row.text(3)) + " of " + sql);
      }));
    }
    return found;
  }

  // Tables that hold a row a template, a run or a name; and what a page of rows was read into.
  static bool may_be_scanned(const std::string& scan) {
    for (const auto* small : {"runs", "phases", "arms", "reasons", "errors", "run_arms",
                              "templates", "rollup_state", "r ", "CONSTANT ROW", "sqlite_master"})
      if (scan.starts_with(std::string("SCAN ") + small)) return true;
    return false;
  }

  void expect_no_scan_of_a_table_that_grows() {
    EXPECT_GT(caught.size(), 1U);
    for (const auto& scan : scans()) EXPECT_TRUE(may_be_scanned(scan)) << scan;
  }
};

TEST_F(QueryPlansTest, ReportsAndRuns) {
  SimulatedClock clock{TimePoint{}};
  auto reports = Reports::open(config_.path, {}, clock);
  ASSERT_TRUE(reports);
  ASSERT_TRUE((*reports)->get("", {}, [](const Report&) { return ""; }));
  auto reader = Reader::open(config_.path);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->read_runs({"default", "no_nested_loop"}, at_second(0))->size(), 2U);
  ASSERT_TRUE(reader->read_templates());
  EXPECT_TRUE(caught.contains("SELECT id, name FROM arms"));
  expect_no_scan_of_a_table_that_grows();
}

TEST_F(QueryPlansTest, ListsAndTheFeedOfThePage) {
  auto history = History::open(config_.path);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->events({1, std::nullopt, 10}, "arm_failed", 1)->size(), 1U);
  ASSERT_TRUE(history->events_after(0, 1));
  ASSERT_TRUE(history->event_counts(1));
  EXPECT_EQ(history->decisions({1, 2})->size(), 2U);
  EXPECT_EQ(history->policies(1)->size(), 1U);
  EXPECT_EQ(history->training(1)->size(), 1U);
  ASSERT_TRUE(history->last_training(1));
  ASSERT_TRUE(history->text_of(1));
  ASSERT_TRUE(history->find_templates("x"));
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed);
  ASSERT_TRUE(feed->read(100));
  EXPECT_EQ(feed->ledger().total().queries, 2);
  expect_no_scan_of_a_table_that_grows();
}

TEST_F(QueryPlansTest, ChartsAndCleaningUp) {
  auto maintenance = Maintenance::open(config_);
  ASSERT_TRUE(maintenance);
  auto database = Database::open(config_.path, Database::Access::kReadOnly);
  const TimeSpan ever{TimePoint{}, at_second(1'000'000'000)};
  EXPECT_FALSE(read_series(*database, RollupWidth::kHour, ever)->empty());
  EXPECT_FALSE(read_heaviest(*database, ever)->empty());
  const auto cleaned = maintenance->clean_up(at_second(100 * 86'400), [] { return true; });
  ASSERT_TRUE(cleaned);
  EXPECT_EQ(cleaned->observations, 2);
  EXPECT_TRUE(caught.contains(kOldObservationsSql));
  expect_no_scan_of_a_table_that_grows();
}

TEST_F(QueryPlansTest, NoListIsLongerThanItsLargestPage) {
  std::vector<Event> events;
  for (int i = 0; i < kLargestPage + 5; ++i)
    events.emplace_back(SafetyEvent{at_second(i), "server_lost", 0, ""});
  store(events);
  auto history = History::open(config_.path);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->events({1, std::nullopt, 1'000'000})->size(),
            static_cast<std::size_t>(kLargestPage));
  EXPECT_TRUE(history->events({1, std::nullopt, -1})->empty());
}

}  // namespace
}  // namespace hintd::telemetry
