#include "telemetry/rollup.h"

#include "support.h"
#include "telemetry/maintenance.h"

namespace hintd::telemetry {
namespace {

class RollupTest : public TelemetryTest {
 protected:
  Database open() {
    auto database = Database::open(config_.path, Database::Access::kReadWrite);
    EXPECT_TRUE(database.has_value());
    return std::move(*database);
  }
  std::vector<RollupPoint> series(RollupWidth width, std::int64_t template_id = 0,
                                  std::int64_t limit = 1500) {
    auto database = open();
    auto points = read_series(database, width, kEver, template_id, limit);
    EXPECT_TRUE(points.has_value()) << points.error().text();
    return points.value_or(std::vector<RollupPoint>{});
  }
  std::int64_t roll(std::size_t batch = 100) {
    auto database = open();
    const auto rows = roll_up(database, batch);
    EXPECT_TRUE(rows.has_value()) << rows.error().text();
    return rows.value_or(-1);
  }
  static inline const TimeSpan kEver{TimePoint{}, at_second(1'000'000'000)};
};

TEST_F(RollupTest, SumsUpByMinuteHourAndDay) {
  // at_second(0) is 22:13:20 UTC.
  auto failed = a_query(2, 5);
  failed.error = "57014: cancelled";
  auto explorer = a_query(3, 7);
  explorer.kind = RunKind::kExplorer;
  store({a_run(), a_query(1, 10), failed, explorer, a_query(4, 30, 1), a_query(3600, 50)});
  EXPECT_EQ(roll(2), 5);

  const auto minutes = series(RollupWidth::kMinute);
  ASSERT_EQ(minutes.size(), 2U);
  EXPECT_EQ(minutes[0].start, at_second(-20));
  EXPECT_EQ(minutes[0].queries, 3);
  EXPECT_EQ(minutes[0].hinted, 1);
  EXPECT_EQ(minutes[0].failures, 1);
  EXPECT_DOUBLE_EQ(minutes[0].total_ms, 40);
  EXPECT_EQ(minutes[0].latency.count(), 2);
  EXPECT_NEAR(minutes[0].latency.quantile(1), 30, 0.3);
  EXPECT_EQ(series(RollupWidth::kHour).size(), 2U);
  const auto days = series(RollupWidth::kDay);
  ASSERT_EQ(days.size(), 1U);
  EXPECT_EQ(days[0].queries, 4);
  EXPECT_EQ(series(RollupWidth::kDay, 1)[0].queries, 4);
  EXPECT_TRUE(series(RollupWidth::kDay, 2).empty());
}

TEST_F(RollupTest, EveryStatementIsCountedOnceHoweverOftenItIsAsked) {
  store({a_run(), a_query(1, 10)});
  EXPECT_EQ(roll(), 1);
  EXPECT_EQ(roll(), 0);
  store({a_run(), a_query(2, 10)});
  EXPECT_EQ(roll(), 1);
  EXPECT_EQ(series(RollupWidth::kMinute)[0].queries, 2);
}

TEST_F(RollupTest, IdsOfDeletedRowsThatComeAgainAreStillCounted) {
  auto old_run = a_run();
  old_run.time = at_second(0) - std::chrono::days{40};
  auto old_query = a_query(1, 10);
  old_query.time = old_run.time;
  store({old_run, old_query});
  EXPECT_EQ(roll(), 1);
  store({a_run(), a_query(1, 10)});  // the first id again
  EXPECT_EQ(roll(), 1);
  EXPECT_EQ(series(RollupWidth::kDay).size(), 2U);
}

TEST_F(RollupTest, PagesFollowEachOther) {
  std::vector<Event> events{a_run()};
  for (int minute = 0; minute < 5; ++minute) {
    events.push_back(a_query(60 * minute, 1));
    events.push_back(a_query(60 * minute, 1, 1));
  }
  store(events);
  roll();
  const auto first = series(RollupWidth::kMinute, 0, 3);
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first.back().queries, 2);
  auto database = open();
  const auto next = read_series(database, RollupWidth::kMinute,
                                {first.back().start + std::chrono::microseconds{1}, kEver.to});
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->size(), 2U);
}

TEST_F(RollupTest, TheHeaviestTemplatesComeFirst) {
  auto heavy = a_query(1, 500);
  heavy.fingerprint = 7;
  store({a_run(), TemplateSeen{7, "slow report", "select $1", ""}, a_query(1, 10), heavy});
  roll();
  auto database = open();
  const auto heaviest = read_heaviest(database, kEver);
  ASSERT_TRUE(heaviest.has_value());
  ASSERT_EQ(heaviest->size(), 2U);
  EXPECT_EQ((*heaviest)[0].name, "slow report");
  EXPECT_DOUBLE_EQ((*heaviest)[0].total_ms, 500);
}

}  // namespace
}  // namespace hintd::telemetry
