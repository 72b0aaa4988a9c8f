#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "database/postgres/pg_executor.h"
#include "database/postgres/retry.h"
#include "database/postgres/server_settings.h"
#include "hint_sets.h"
#include "test_cluster.h"

namespace hintd::database {
namespace {

const HintSet kNoHashJoin{
    "no_hashjoin", "", {{"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}}};

constexpr const char* kJoin =
    "SELECT a.id, b.note FROM executor_a a JOIN executor_b b ON b.a_id = a.id WHERE a.kind < 7";
constexpr const char* kEndless =
    "SELECT count(*) FROM executor_a x, executor_a y, executor_a z, executor_a w";

bool has_node(const PlanTree& plan, const std::string& type) {
  bool found = false;
  for_each_node(plan.root, [&](const PlanNode& node, int) { found = found || node.type == type; });
  return found;
}

void make_tables() {
  auto connection = Connection::open({test::cluster_dsn(), std::chrono::seconds(5), false});
  ASSERT_TRUE(connection) << connection.error().text();
  const auto made = connection->query(
      "CREATE TABLE executor_a AS SELECT i AS id, i % 10 AS kind FROM generate_series(1, 3000) i;"
      "CREATE TABLE executor_b AS SELECT i AS id, i % 3000 + 1 AS a_id,"
      " CASE WHEN i % 5 > 0 THEN 'n' || i END AS note FROM generate_series(1, 9000) i;"
      "CREATE INDEX ON executor_b(a_id); ANALYZE executor_a; ANALYZE executor_b");
  ASSERT_TRUE(made) << made.error().text();
}

class PgExecutorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (test::have_postgres()) make_tables();
  }

  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    auto connected = PgExecutor::connect({test::cluster_dsn()});
    ASSERT_TRUE(connected) << connected.error().text();
    executor_ = std::move(*connected);
  }

  void expect_nothing_left_behind() {
    const auto on = executor_->run(
        "SELECT 1 WHERE current_setting('enable_nestloop') = 'on' AND"
        " current_setting('enable_hashjoin') = 'on' AND current_setting('statement_timeout') = '0'",
        kDefault, Millis{0});
    ASSERT_TRUE(on) << on.error().text();
    EXPECT_EQ(on->rows, 1);
  }

  std::unique_ptr<PgExecutor> executor_;
};

TEST_F(PgExecutorTest, AHintSetChangesThePlan) {
  const auto native = executor_->explain(kJoin, kDefault);
  const auto hinted = executor_->explain(kJoin, kNoHashJoin);
  ASSERT_TRUE(native && hinted);
  EXPECT_TRUE(has_node(*native, "Hash Join"));
  EXPECT_FALSE(has_node(*hinted, "Hash Join"));
  EXPECT_NE(native->shape_hash(), hinted->shape_hash());
}

TEST_F(PgExecutorTest, AHintSetIsInForceWhileTheStatementRuns) {
  const auto run = executor_->run("SELECT 1 WHERE current_setting('enable_nestloop') = 'off'",
                                  kNoNestedLoop, Millis{0});
  ASSERT_TRUE(run) << run.error().text();
  EXPECT_EQ(run->rows, 1);
  expect_nothing_left_behind();
}

TEST_F(PgExecutorTest, NothingIsLeftBehindAfterAnError) {
  const auto run = executor_->run("SELECT 1 / 0", kNoNestedLoop, Millis{500});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::kQuery);
  EXPECT_NE(run.error().message.find("division by zero (22012)"), std::string::npos);
  expect_nothing_left_behind();
}

TEST_F(PgExecutorTest, NothingIsLeftBehindAfterATimeout) {
  for (const auto* hint_set : {&kDefault, &kNoNestedLoop}) {
    const auto run = executor_->run(kEndless, *hint_set, Millis{30});
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_TRUE(run->timed_out);
    expect_nothing_left_behind();
  }
}

TEST_F(PgExecutorTest, ATimeoutIsKeptWithinAFewMilliseconds) {
  for (const double timeout : {1.0, 5.0, 20.0, 100.0}) {
    double best = 1e9;  // of a few: a shared machine stalls at times
    for (int i = 0; i < 10; ++i) {
      const auto run = executor_->run(kEndless, kNoNestedLoop, Millis{timeout});
      ASSERT_TRUE(run) << run.error().text();
      EXPECT_TRUE(run->timed_out);
      EXPECT_GE(run->latency.count(), timeout);
      best = std::min(best, run->latency.count());
    }
    EXPECT_LT(best, timeout + 5);
  }
}

TEST_F(PgExecutorTest, ATimeoutCoversTheStatementAndNotWhatGoesBefore) {
  const auto run = executor_->run(kJoin, kNoNestedLoop, Millis{10'000});
  ASSERT_TRUE(run) << run.error().text();
  EXPECT_FALSE(run->timed_out);
  EXPECT_EQ(run->rows, 6300);
}

TEST_F(PgExecutorTest, TheDefaultAlsoKeepsItsTimeout) {
  EXPECT_TRUE(executor_->run(kEndless, kDefault, Millis{10})->timed_out);
  EXPECT_TRUE(executor_->run(kEndless, kNoNestedLoop, Millis{10})->timed_out);
  EXPECT_FALSE(executor_->run("SELECT pg_sleep(0.05)", kDefault, Millis{0})->timed_out);
  EXPECT_TRUE(executor_->run("SELECT pg_sleep(5)", kDefault, Millis{10})->timed_out);
  EXPECT_FALSE(executor_->run("SELECT pg_sleep(0.05)", kNoNestedLoop, Millis{0})->timed_out);
}

TEST_F(PgExecutorTest, AShortTimeoutDoesNotReachTheNextRunsSettings) {
  ASSERT_TRUE(executor_->run(kEndless, kDefault, Millis{2})->timed_out);
  HintSet slow_to_read{"many", "", {}};
  for (int i = 0; i < 50'000; ++i) slow_to_read.settings.emplace_back("enable_nestloop", "off");
  const auto next = executor_->run("SELECT 1", slow_to_read, Millis{60'000});
  ASSERT_TRUE(next) << next.error().text();
  EXPECT_FALSE(next->timed_out);
}

TEST_F(PgExecutorTest, EveryPlanGivesTheSameResultHash) {
  const auto native = executor_->run(kJoin, kDefault, Millis{0});
  ASSERT_TRUE(native) << native.error().text();
  for (const auto* hint_set : {&kNoNestedLoop, &kNoHashJoin}) {
    const auto hinted = executor_->run(kJoin, *hint_set, Millis{0});
    ASSERT_TRUE(hinted) << hinted.error().text();
    EXPECT_EQ(hinted->result_hash, native->result_hash);
    EXPECT_EQ(hinted->rows, native->rows);
  }
}

TEST_F(PgExecutorTest, TheResultHashTellsResultsApart) {
  const auto hash = [&](const char* sql) {
    return executor_->run(sql, kDefault, Millis{0})->result_hash;
  };
  EXPECT_EQ(hash("VALUES (1, 'a'), (2, 'b')"), hash("VALUES (2, 'b'), (1, 'a')"));
  EXPECT_NE(hash("VALUES (1, 'a'), (2, 'b')"), hash("VALUES (1, 'b'), (2, 'a')"));
  EXPECT_NE(hash("VALUES ('a', 'b')"), hash("VALUES ('b', 'a')"));
  EXPECT_NE(hash("SELECT NULL"), hash("SELECT ''"));
  EXPECT_NE(hash("VALUES (1)"), hash("VALUES (1), (1)"));
}

TEST_F(PgExecutorTest, AnalyzeTellsActualRowsBlocksAndTime) {
  const auto analysis = executor_->analyze(kJoin, kNoNestedLoop, Millis{10'000});
  ASSERT_TRUE(analysis) << analysis.error().text();
  EXPECT_EQ(analysis->plan.root.actual_rows, 6300);
  EXPECT_EQ(analysis->execution.rows, 6300);
  EXPECT_GT(analysis->blocks_hit + analysis->blocks_read, 10);
  EXPECT_GT(analysis->execution.latency, Millis::zero());
  EXPECT_FALSE(analysis->execution.timed_out);
}

TEST_F(PgExecutorTest, APlanHasOneIdentityBeforeAndAfterItRan) {
  for (const auto* hint_set : {&kDefault, &kNoNestedLoop, &kNoHashJoin}) {
    const auto planned = executor_->explain(kJoin, *hint_set);
    const auto analysed = executor_->analyze(kJoin, *hint_set, Millis{0});
    ASSERT_TRUE(planned && analysed);
    EXPECT_EQ(planned->identity(*hint_set), analysed->plan.identity(*hint_set));
  }
}

TEST_F(PgExecutorTest, AnAnalysisThatTimesOutHasNoPlan) {
  const auto analysis = executor_->analyze(kEndless, kDefault, Millis{20});
  ASSERT_TRUE(analysis) << analysis.error().text();
  EXPECT_TRUE(analysis->execution.timed_out);
  EXPECT_TRUE(analysis->plan.root.type.empty());
}

TEST_F(PgExecutorTest, ExplainIsNotBoundByTheTimeoutOfTheLastRun) {
  ASSERT_TRUE(executor_->run(kEndless, kDefault, Millis{1}));
  std::string wide = "SELECT 1 FROM executor_a t0";
  for (int i = 1; i < 9; ++i) {
    const auto t = "t" + std::to_string(i);
    wide += " JOIN executor_a " + t + " ON " + t + ".id = t0.id";
  }
  EXPECT_TRUE(executor_->explain(wide, kDefault)) << "planning nine tables takes several ms";
}

TEST_F(PgExecutorTest, WritingIsRefused) {
  for (const auto* sql : {"DELETE FROM executor_a", "CREATE TABLE executor_c (i int)",
                          "SELECT id FROM executor_a FOR UPDATE"}) {
    const auto run = executor_->run(sql, kDefault, Millis{0});
    ASSERT_FALSE(run) << sql;
    EXPECT_EQ(run.error().kind, ErrorKind::kQuery);
    EXPECT_NE(run.error().message.find("25006"), std::string::npos) << run.error().message;
    EXPECT_FALSE(executor_->analyze(sql, kNoNestedLoop, Millis{0})) << sql;
  }
}

TEST_F(PgExecutorTest, ASyntaxErrorIsOneClearLineAndTheNextRunWorks) {
  const auto run = executor_->run("SELEC 1", kNoNestedLoop, Millis{0});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().message,
            "PostgreSQL refused the statement: syntax error at or near \"SELEC\" (42601)");
  EXPECT_TRUE(executor_->run("SELECT 1", kDefault, Millis{0}));
}

TEST_F(PgExecutorTest, SomebodyElsesCancelIsNotATimeout) {
  const auto run = executor_->run("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)",
                                  kDefault, Millis{60'000});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::kCancelled);
}

TEST_F(PgExecutorTest, ALostSessionIsUnavailableOnceAndThenConnectedAgain) {
  const auto lost =
      executor_->run("SELECT pg_terminate_backend(pg_backend_pid())", kNoNestedLoop, Millis{0});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(executor_->run("DELETE FROM executor_a", kDefault, Millis{0}))
      << "the new session is read-only too";
  expect_nothing_left_behind();
}

TEST_F(PgExecutorTest, DatabaseStateCountsThisSessionAndTheCache) {
  const auto state = executor_->database_state();
  ASSERT_TRUE(state) << state.error().text();
  EXPECT_GE(state->active_backends, 1);
  EXPECT_GE(state->cache_hit_ratio, 0);
  EXPECT_LE(state->cache_hit_ratio, 1);
}

TEST_F(PgExecutorTest, ARestartInMidRunIsWaitedOut) {
  test::ScratchFolder scratch;
  const PrivateClusterConfig config{scratch.path() / "pg", test::kTestMemoryMb};
  auto cluster = PrivateCluster::start(config);
  ASSERT_TRUE(cluster) << cluster.error().text();
  auto executor = PgExecutor::connect({cluster->dsn("postgres")});
  ASSERT_TRUE(executor) << executor.error().text();
  ASSERT_TRUE(cluster->stop());

  const auto lost = (*executor)->run("SELECT 1", kDefault, Millis{0});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kUnavailable);

  int attempts = 0;
  std::optional<PrivateCluster> restarted;
  SimulatedClock clock(TimePoint{});
  const auto run = retry_until_available(clock, BackOff{}, [&] {
    if (++attempts == 3) {
      auto again = PrivateCluster::start(config);
      if (again) restarted.emplace(std::move(*again));
    }
    return (*executor)->run("SELECT 1", kNoNestedLoop, Millis{0});
  });
  ASSERT_TRUE(run) << run.error().text();
  EXPECT_EQ(attempts, 3);
}

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }
};

TEST_F(ConnectionTest, NoServerIsOneClearLine) {
  const auto refused = Connection::open({"host=127.0.0.1 port=1 dbname=shop"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find("port 1 failed: Connection refused"), std::string::npos);
  EXPECT_EQ(refused.error().text().find('\n'), std::string::npos);
}

TEST_F(ConnectionTest, AnUnknownDatabaseIsOneClearLine) {
  const auto refused = Connection::open({test::cluster_dsn("no_such_shop")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidInput);
  EXPECT_NE(refused.error().message.find("database \"no_such_shop\" does not exist"),
            std::string::npos);
}

TEST_F(ConnectionTest, AWrongOrMissingPasswordIsOneClearLine) {
  auto admin = Connection::open({test::cluster_dsn(), std::chrono::seconds(5), false});
  ASSERT_TRUE(admin) << admin.error().text();
  const auto hba = test::cluster().data_folder() / "pg_hba.conf";
  std::stringstream before;
  before << std::ifstream(hba).rdbuf();
  std::ofstream(hba) << "local all locked scram-sha-256\n" << before.str();
  ASSERT_TRUE(admin->query("CREATE ROLE locked LOGIN PASSWORD 'right'"));
  ASSERT_TRUE(admin->query("SELECT pg_reload_conf()"));

  const auto dsn = test::cluster_dsn() + " user=locked";
  auto wrong = Connection::open({dsn + " password=wrong"});
  // The server reloads its rules in its own time.
  for (int i = 0; wrong && i < 1000; ++i) wrong = Connection::open({dsn + " password=wrong"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kInvalidInput);
  EXPECT_NE(wrong.error().message.find("password authentication failed for user \"locked\""),
            std::string::npos);
  EXPECT_EQ(wrong.error().text().find('\n'), std::string::npos);

  const auto missing = Connection::open({dsn + " passfile=/nonexistent"});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("no password supplied"), std::string::npos);
  EXPECT_TRUE(Connection::open({dsn + " password=right"}));
  std::ofstream(hba) << before.str();
  EXPECT_TRUE(admin->query("SELECT pg_reload_conf()"));
}

TEST_F(ConnectionTest, AMalformedDsnIsOneClearLine) {
  for (const auto* dsn : {"hots=localhost", "host", "postgresql://localhost:x/shop"}) {
    const auto refused = Connection::open({dsn});
    ASSERT_FALSE(refused) << dsn;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidInput) << refused.error().message;
  }
}

TEST_F(ConnectionTest, TellsTheServerItsName) {
  auto connection = Connection::open({test::cluster_dsn()});
  ASSERT_TRUE(connection) << connection.error().text();
  EXPECT_EQ(connection->query("SHOW application_name")->at(0).at(0), "hintd");
}

TEST_F(ConnectionTest, ReadsTheServersSettings) {
  auto connection = Connection::open({test::cluster_dsn()});
  ASSERT_TRUE(connection) << connection.error().text();
  const auto server = read_server_settings(*connection);
  ASSERT_TRUE(server) << server.error().text();
  EXPECT_FALSE(server->version.empty());
  const auto found = [&](const std::string& name) {
    for (const auto& setting : server->settings)
      if (setting.name == name) return setting;
    return ServerSetting{};
  };
  EXPECT_EQ(found("random_page_cost").value, "1.1");
  EXPECT_TRUE(found("random_page_cost").changed);
  EXPECT_EQ(found("enable_nestloop").value, "on");
  EXPECT_FALSE(found("enable_nestloop").changed);
}

TEST_F(ConnectionTest, ARefusedHintSetIsNamedWithTheServersMessageAndLeftOut) {
  auto connection = Connection::open({test::cluster_dsn()});
  ASSERT_TRUE(connection) << connection.error().text();
  const auto catalogue = HintCatalogue::create({kDefault,
                                                {"misspelt", "", {{"enable_nestlop", "off"}}},
                                                kNoNestedLoop,
                                                {"absurd", "", {{"work_mem", "-5 bananas"}}},
                                                {"restart_only", "", {{"shared_buffers", "1GB"}}},
                                                kNoHashJoin});
  ASSERT_TRUE(catalogue);
  const auto validated = validate_catalogue(*connection, *catalogue);
  ASSERT_TRUE(validated) << validated.error().text();
  EXPECT_EQ(validated->catalogue.size(), 3U);
  EXPECT_TRUE(validated->catalogue.find("no_hashjoin"));
  ASSERT_EQ(validated->refused.size(), 3U);
  EXPECT_EQ(validated->refused[0].name, "misspelt");
  EXPECT_NE(
      validated->refused[0].message.find("unrecognized configuration parameter \"enable_nestlop\""),
      std::string::npos);
  EXPECT_NE(validated->refused[1].message.find("work_mem"), std::string::npos);
  EXPECT_NE(validated->refused[2].message.find("cannot be changed"), std::string::npos);
  EXPECT_EQ(connection->query("SHOW enable_nestloop")->at(0).at(0), "on");
}

}  // namespace
}  // namespace hintd::database
