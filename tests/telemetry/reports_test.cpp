#include "telemetry/reports.h"

#include "support.h"
#include "telemetry/maintenance.h"

namespace hintd::telemetry {
namespace {

class ReportsTest : public TelemetryTest {
 protected:
  void SetUp() override {
    TelemetryTest::SetUp();
    store({a_run(), a_query(1, 10)});
  }
  std::unique_ptr<Reports> reports() {
    auto opened = Reports::open(config_.path, {}, clock_);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }
  // Statements of users that the report counts.
  std::string ask(Reports& reports) {
    const auto text = reports.get("queries", {}, [](const Report& report) {
      std::int64_t queries = 0;
      for (const auto& phase : report.phases) queries += phase.queries;
      return std::to_string(queries);
    });
    EXPECT_TRUE(text) << text.error().text();
    return text.value_or("");
  }
  // To the run that is there, by another connection.
  void execute(const char* sql) {
    auto database = Database::open(config_.path, Database::Access::kReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute(sql));
  }
  void add_statement() {
    execute(
        "INSERT INTO observations SELECT (SELECT max(id) + 1 FROM observations), phase_id, "
        "template_id, arm_id, reason_id, explorer, time, policy_version, propensity, deadline_us, "
        "latency_us, arm_latency_us, timed_out, row_count, plan_hash, blocks_hit, blocks_read, "
        "error_id, lost_us, statement, first_row_us, bytes FROM observations LIMIT 1");
  }
  SimulatedClock clock_{TimePoint{}};
};

TEST_F(ReportsTest, AKeptReportIsGivenAgainWhileOnlyStatementsCome) {
  const auto kept = reports();
  EXPECT_EQ(ask(*kept), "1");
  add_statement();
  EXPECT_EQ(ask(*kept), "1");
  EXPECT_EQ(kept->counts().hits, 1);
  clock_.wait_until(TimePoint{} + std::chrono::seconds(5));
  EXPECT_EQ(ask(*kept), "2");
}

TEST_F(ReportsTest, ASafetyEventMakesItAnew) {
  const auto kept = reports();
  ask(*kept);
  add_statement();
  execute("INSERT INTO safety_events (run_id, time, name, detail) VALUES (1, 0, 'x', '')");
  EXPECT_EQ(ask(*kept), "2");
  EXPECT_EQ(kept->counts().invalidated, 1);
}

TEST_F(ReportsTest, StatementsThatWereCleanedUpAreGone) {
  add_statement();
  const auto kept = reports();
  EXPECT_EQ(ask(*kept), "2");
  execute("DELETE FROM observations WHERE id = (SELECT min(id) FROM observations)");
  EXPECT_EQ(ask(*kept), "1");
}

TEST_F(ReportsTest, AFileThatIsNotThereIsNotFound) {
  const auto opened = Reports::open(config_.path.string() + ".none", {}, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace hintd::telemetry
