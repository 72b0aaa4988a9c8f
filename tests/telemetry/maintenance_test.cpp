#include "telemetry/maintenance.h"

#include <gmock/gmock.h>

#include "support.h"
#include "telemetry/rollup.h"

namespace hintd::telemetry {
namespace {

constexpr std::int64_t kDay = 86'400;

class MaintenanceTest : public TelemetryTest {
 protected:
  Maintenance open() {
    auto opened = Maintenance::open(config_);
    EXPECT_TRUE(opened.has_value()) << opened.error().text();
    return std::move(*opened);
  }
  void store_days(int days, int per_day) {
    std::vector<Event> events{a_run()};
    for (int day = 0; day < days; ++day)
      for (int i = 0; i < per_day; ++i) events.push_back(a_query(day * kDay + i, 1));
    store(events);
  }
  static bool always() { return true; }
};

TEST_F(MaintenanceTest, OldStatementsGoOnceTheyAreSummedUp) {
  config_.retention_days = 10;
  config_.batch_size = 7;
  store_days(20, 5);
  auto maintenance = open();
  const auto cleaned = maintenance.clean_up(at_second(20 * kDay), always);
  ASSERT_TRUE(cleaned.has_value()) << cleaned.error().text();
  EXPECT_EQ(cleaned->rolled_up, 100);
  EXPECT_EQ(cleaned->observations, 50);
  EXPECT_EQ(read().queries, 50);
  auto database = Database::open(config_.path, Database::Access::kReadOnly);
  const auto days = read_series(*database, RollupWidth::kDay, {TimePoint{}, at_second(99 * kDay)});
  ASSERT_TRUE(days.has_value());
  EXPECT_EQ(days->size(), 20U);
}

TEST_F(MaintenanceTest, SumsGoByTheirOwnRetention) {
  config_.retention_days = 0;
  config_.minute_days = 5;
  config_.hour_days = 10;
  config_.day_days = 0;
  store_days(20, 1);
  auto maintenance = open();
  ASSERT_TRUE(maintenance.clean_up(at_second(20 * kDay), always).has_value());
  auto database = Database::open(config_.path, Database::Access::kReadOnly);
  const auto points = [&](RollupWidth width) {
    return read_series(*database, width, {TimePoint{}, at_second(99 * kDay)})->size();
  };
  // By when they begin, which is before the time of the statements in them.
  EXPECT_EQ(points(RollupWidth::kMinute), 4U);
  EXPECT_EQ(points(RollupWidth::kHour), 9U);
  EXPECT_EQ(points(RollupWidth::kDay), 20U);
  EXPECT_EQ(read().queries, 20);
}

TEST_F(MaintenanceTest, ItStopsBetweenTwoBatchesWhenAsked) {
  config_.batch_size = 10;
  store_days(60, 5);
  auto maintenance = open();
  int asked = 0;
  const auto cleaned =
      maintenance.clean_up(at_second(1000 * kDay), [&asked] { return ++asked <= 2; });
  ASSERT_TRUE(cleaned.has_value());
  EXPECT_EQ(cleaned->observations, 20);
}

TEST_F(MaintenanceTest, VacuumGivesBackWhatCleaningUpFreed) {
  store_days(2, 10'000);
  auto maintenance = open();
  ASSERT_TRUE(maintenance.clean_up(at_second(100 * kDay), always).has_value());
  const auto before = maintenance.stats();
  ASSERT_TRUE(before.has_value());
  EXPECT_GT(before->fragmentation(), 0.5);
  const auto freed = maintenance.vacuum(false);
  ASSERT_TRUE(freed.has_value()) << freed.error().text();
  EXPECT_GT(*freed, before->bytes / 2);
  EXPECT_EQ(maintenance.stats()->free_bytes, 0);
}

TEST_F(MaintenanceTest, AFileOfAnOlderVersionTakesTheSmallStepAfterAWholeVacuum) {
  {
    auto database = Database::open(config_.path, Database::Access::kReadWrite);
    ASSERT_TRUE(database->execute("CREATE TABLE t (x); PRAGMA journal_mode = WAL; DROP TABLE t"));
  }
  store_days(2, 10'000);
  auto maintenance = open();
  ASSERT_TRUE(maintenance.clean_up(at_second(100 * kDay), always).has_value());
  EXPECT_EQ(maintenance.vacuum(false).value_or(-1), 0);
  EXPECT_GT(maintenance.vacuum(true).value_or(-1), 100'000);
  EXPECT_TRUE(maintenance.check()->empty());
}

TEST_F(MaintenanceTest, ChecksNameBrokenReferences) {
  store({a_run(), a_query(1, 1)});
  auto maintenance = open();
  EXPECT_THAT(maintenance.check().value(), testing::IsEmpty());
  auto database = Database::open(config_.path, Database::Access::kReadWrite);
  ASSERT_TRUE(database->execute("PRAGMA foreign_keys = OFF; UPDATE observations SET arm_id = 77"));
  EXPECT_THAT(maintenance.check().value(),
              testing::ElementsAre("row 1 of observations points at a row of arms that is not "
                                   "there"));
}

TEST_F(MaintenanceTest, AnalyzingAndReindexingLeaveTheFileSound) {
  store_days(2, 100);
  auto maintenance = open();
  EXPECT_TRUE(maintenance.analyze().has_value());
  EXPECT_TRUE(maintenance.reindex().has_value());
  EXPECT_TRUE(maintenance.check()->empty());
  EXPECT_EQ(read().queries, 200);
}

TEST_F(MaintenanceTest, AnAbsentFileIsNotFoundAndNotMade) {
  const auto opened = Maintenance::open(config_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(config_.path));
}

}  // namespace
}  // namespace hintd::telemetry
