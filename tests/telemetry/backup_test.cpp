#include "telemetry/backup.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support.h"

namespace hintd::telemetry {
namespace {

class BackupTest : public TelemetryTest {
 protected:
  BackupFolder backups() { return {folder_ / "backups", config_.backup}; }
  Backup made(std::int64_t second) {
    auto backup = backups().make(config_.path, at_second(second));
    EXPECT_TRUE(backup.has_value()) << backup.error().text();
    return backup.value_or(Backup{});
  }
  std::vector<std::string> files_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.is_regular_file()) names.push_back(entry.path().filename());
    return names;
  }
  void store_queries(int count) {
    std::vector<Event> events{a_run()};
    events.resize(static_cast<std::size_t>(count) + 1, a_query(1, 1));
    store(events);
  }
};

TEST_F(BackupTest, IsOneFileThatRestoresToTheSame) {
  store_queries(500);
  const auto backup = made(0);
  EXPECT_EQ(backup.file.filename(), "telemetry-20231114T221320Z.sqlite.zst");
  EXPECT_THAT(files_in(folder_ / "backups"), testing::SizeIs(1));
  const auto verified = verify_backup(backup.file);
  ASSERT_TRUE(verified.has_value()) << verified.error().text();
  EXPECT_EQ(verified->observations, 500);
  EXPECT_LT(backup.bytes, verified->bytes);

  store_queries(1);
  const auto restored = restore_backup(backup.file, config_.path, at_second(9));
  ASSERT_TRUE(restored.has_value()) << restored.error().text();
  EXPECT_EQ(read().queries, 500);
  config_.path = restored->safety_copy;
  EXPECT_EQ(read().queries, 1);  // of the last run
}

TEST_F(BackupTest, HoldsWhatIsOnlyInTheWritersLog) {
  auto writer = open_writer();
  writer->record(a_run());
  writer->record(a_query(1, 1));
  ASSERT_TRUE(writer->flush().has_value());
  EXPECT_EQ(verify_backup(made(0).file)->observations, 1);
}

TEST_F(BackupTest, ADamagedOneIsFoundOutAndRestoresNothing) {
  store_queries(500);
  const auto backup = made(0);
  const auto size = std::filesystem::file_size(backup.file);
  {
    std::fstream file(backup.file, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 2));
    file.put('\x55').put('\x55').put('\x55');
  }
  const auto verified = verify_backup(backup.file);
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().kind, ErrorKind::kCorrupt);
  EXPECT_FALSE(restore_backup(backup.file, config_.path, at_second(9)).has_value());
  EXPECT_EQ(read().queries, 500);

  std::filesystem::resize_file(backup.file, size / 2);
  EXPECT_EQ(verify_backup(backup.file).error().kind, ErrorKind::kCorrupt);
  std::filesystem::resize_file(backup.file, 0);
  EXPECT_EQ(verify_backup(backup.file).error().kind, ErrorKind::kCorrupt);
  EXPECT_THAT(files_in(folder_ / "backups"), testing::SizeIs(1));
}

TEST_F(BackupTest, ADamagedStoreCanBeRestoredOver) {
  store_queries(5);
  const auto backup = made(0);
  std::ofstream(config_.path) << "not a database";
  ASSERT_TRUE(restore_backup(backup.file, config_.path, at_second(9)).has_value());
  EXPECT_EQ(read().queries, 5);
}

TEST_F(BackupTest, WithoutAStoreThereIsNone) {
  const auto backup = backups().make(config_.path, at_second(0));
  ASSERT_FALSE(backup.has_value());
  EXPECT_EQ(backup.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(backups().list(), testing::IsEmpty());
}

TEST_F(BackupTest, ListsItsOwnAloneOldestFirst) {
  store_queries(1);
  made(60);
  made(0);
  std::ofstream(folder_ / "backups" / "notes.txt") << "mine";
  const auto list = backups().list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].time, at_second(0));
  EXPECT_EQ(list[1].time, at_second(60));
}

TEST_F(BackupTest, PruningDeletesWhatNoRuleKeeps) {
  config_.backup = {.keep_daily = 1, .keep_weekly = 0, .keep_monthly = 0};
  store_queries(1);
  made(0);
  made(60);
  const auto deleted = backups().prune();
  ASSERT_TRUE(deleted.has_value());
  EXPECT_EQ(deleted->size(), 1U);
  ASSERT_EQ(backups().list().size(), 1U);
  EXPECT_EQ(backups().list()[0].time, at_second(60));
}

std::vector<TimePoint> hourly_of_days(int days) {
  std::vector<TimePoint> times;
  for (int hour = 0; hour < 24 * days; ++hour)
    times.push_back(TimePoint{} + std::chrono::hours{hour});  // from Thursday, 1 January 1970
  return times;
}

TEST(KeptTimesTest, TheNewestOfEachOfTheLastDaysWeeksAndMonths) {
  const auto day_end = [](int day) { return TimePoint{} + std::chrono::hours{24 * day + 23}; };
  const auto times = hourly_of_days(70);  // until 11 March
  EXPECT_THAT(kept_times(times, {.keep_daily = 3, .keep_weekly = 0, .keep_monthly = 0}),
              testing::ElementsAre(day_end(67), day_end(68), day_end(69)));
  // Sundays are days 3, 10, ...
  EXPECT_THAT(kept_times(times, {.keep_daily = 0, .keep_weekly = 3, .keep_monthly = 0}),
              testing::ElementsAre(day_end(59), day_end(66), day_end(69)));
  EXPECT_THAT(kept_times(times, {.keep_daily = 0, .keep_weekly = 0, .keep_monthly = 5}),
              testing::ElementsAre(day_end(30), day_end(58), day_end(69)));
}

TEST(KeptTimesTest, TheNewestStaysWhateverTheRules) {
  const auto times = hourly_of_days(2);
  EXPECT_THAT(kept_times(times, {.keep_daily = 0, .keep_weekly = 0, .keep_monthly = 0}),
              testing::ElementsAre(times.back()));
  EXPECT_THAT(kept_times({}, {}), testing::IsEmpty());
}

}  // namespace
}  // namespace hintd::telemetry
