#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "database/postgres/pg_executor.h"
#include "hint_sets.h"
#include "safety/hedge.h"
#include "test_cluster.h"

namespace hintd::database {
namespace {

class PostgresCancelTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    for (auto* executor : {&first_, &second_}) {
      auto connected = PgExecutor::connect({test::cluster_dsn()});
      ASSERT_TRUE(connected) << connected.error().text();
      *executor = std::move(*connected);
    }
  }

  // Another session sees a statement like that running.
  static void wait_until_runs(const std::string& like) {
    auto observer = Connection::open({test::cluster_dsn()});
    ASSERT_TRUE(observer);
    const std::string sql =
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND"
        " pid <> pg_backend_pid() AND query LIKE '" +
        like + "'";
    while (true) {
      const auto rows = observer->query(sql);
      ASSERT_TRUE(rows) << rows.error().text();
      if (!rows->empty()) return;
    }
  }

  std::unique_ptr<PgExecutor> first_;
  std::unique_ptr<PgExecutor> second_;
};

TEST_F(PostgresCancelTest, ARunningStatementEndsAndTheSessionGoesOn) {
  auto running = std::async(std::launch::async, [&] {
    return first_->run("SELECT pg_sleep(3600), 'to be cancelled'", kDefault, Millis{0});
  });
  wait_until_runs("%to be cancelled%");
  first_->cancel();
  const auto cancelled = running.get();
  ASSERT_TRUE(cancelled) << cancelled.error().text();
  EXPECT_TRUE(cancelled->timed_out);
  const auto next = first_->run("SELECT 1 UNION ALL SELECT 2", kDefault, Millis{0});
  ASSERT_TRUE(next) << next.error().text();
  EXPECT_EQ(next->rows, 2);
}

TEST_F(PostgresCancelTest, WithNothingRunningItDoesNothing) {
  first_->cancel();
  const auto next = first_->run("SELECT pg_sleep(0.02)", kDefault, Millis{0});
  ASSERT_TRUE(next) << next.error().text();
  EXPECT_FALSE(next->timed_out);
}

TEST_F(PostgresCancelTest, AnotherSessionsConnectionTakesTheMessage) {
  auto running = std::async(std::launch::async, [&] {
    return first_->run("SELECT pg_sleep(3600), 'to be told'", kDefault, Millis{0});
  });
  wait_until_runs("%to be told%");
  first_->cancel_through(*second_);
  const auto cancelled = running.get();
  ASSERT_TRUE(cancelled) << cancelled.error().text();
  EXPECT_TRUE(cancelled->timed_out);
}

// What ends a run: over a connection of its own, or over the other executor's.
class PostgresCancelWayTest : public PostgresCancelTest, public testing::WithParamInterface<bool> {
 protected:
  void cancel_first() {
    if (GetParam())
      first_->cancel_through(*second_);
    else
      first_->cancel();
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, PostgresCancelWayTest, testing::Bool(),
                         [](const auto& way) { return way.param ? "Messenger" : "OwnConnection"; });

TEST_P(PostgresCancelWayTest, ACancelAtAnyMomentNeverHitsOrMixesUpALaterStatement) {
  for (int round = 0; round < 200; ++round) {
    const int wanted = 1 + round % 5;
    const auto sql = "SELECT g FROM generate_series(1, " + std::to_string(wanted) + ") g";
    std::thread canceller([&] { cancel_first(); });
    const auto target = first_->run(sql, round % 2 == 0 ? kDefault : kNoNestedLoop, Millis{0});
    canceller.join();
    ASSERT_TRUE(target) << target.error().text();
    ASSERT_TRUE(target->timed_out || target->rows == wanted);
    const auto later = first_->run("SELECT 1 UNION ALL SELECT 2", kDefault, Millis{0});
    ASSERT_TRUE(later) << later.error().text();
    ASSERT_FALSE(later->timed_out) << "round " << round;
    ASSERT_EQ(later->rows, 2) << "round " << round;
  }
}

TEST_F(PostgresCancelTest, AHedgeEndsWhicheverRunIsSlower) {
  safety::Hedge hedge(*first_, *second_);
  // Slow under the default alone, then slow under the hint set alone.
  const std::string slow_default =
      "SELECT CASE WHEN current_setting('enable_nestloop') = 'on' THEN pg_sleep(3600) END";
  const std::string slow_arm =
      "SELECT CASE WHEN current_setting('enable_nestloop') = 'off' THEN pg_sleep(3600)"
      " ELSE pg_sleep(0.05) END";
  for (int round = 0; round < 10; ++round) {
    const auto by_arm = hedge.run(slow_default, kDefault, kNoNestedLoop, Millis{1});
    ASSERT_TRUE(by_arm) << by_arm.error().text();
    EXPECT_TRUE(by_arm->second_won);
    EXPECT_EQ(by_arm->execution.rows, 1);
    const auto by_default = hedge.run(slow_arm, kDefault, kNoNestedLoop, Millis{1});
    ASSERT_TRUE(by_default) << by_default.error().text();
    EXPECT_FALSE(by_default->second_won);
    EXPECT_EQ(by_default->execution.rows, 1);
  }
  const auto plain = first_->run("SELECT current_setting('enable_nestloop')", kDefault, Millis{0});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->rows, 1);
}

}  // namespace
}  // namespace hintd::database
