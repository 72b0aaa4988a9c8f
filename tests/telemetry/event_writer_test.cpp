#include "telemetry/event_writer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <limits>
#include <thread>

#include "support.h"
#include "telemetry/damaged_file.h"
#include "telemetry/database.h"

namespace hintd::telemetry {
namespace {

using EventWriterTest = TelemetryTest;

TEST_F(EventWriterTest, EveryRecordedEventIsStored) {
  config_.batch_size = 7;
  auto writer = open_writer();
  writer->record(a_run());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer->record(a_query(i, 1)));
  ASSERT_TRUE(writer->stop().has_value());
  EXPECT_EQ(writer->counts().stored, 101);
  EXPECT_EQ(read().queries, 100);
  EXPECT_EQ(read().events, 101);
}

TEST_F(EventWriterTest, ProducersOnSeveralThreadsLoseNothing) {
  auto writer = open_writer();
  writer->record(a_run());
  std::vector<std::thread> producers;
  for (int p = 0; p < 4; ++p)
    producers.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) writer->record(a_query(i, 1));
    });
  for (auto& producer : producers) producer.join();
  ASSERT_TRUE(writer->flush().has_value());
  EXPECT_EQ(writer->counts().stored, 20001);
  EXPECT_EQ(writer->counts().dropped, 0);
  EXPECT_EQ(read().queries, 20000);
}

TEST_F(EventWriterTest, WhatWasFlushedIsReadableBesideTheWriter) {
  auto writer = open_writer();
  writer->record(a_run());
  writer->record(a_query(1, 5));
  ASSERT_TRUE(writer->flush().has_value());
  EXPECT_EQ(read().queries, 1);
}

TEST_F(EventWriterTest, FlushingNothingReturnsAtOnce) {
  EXPECT_TRUE(open_writer()->flush().has_value());
}

// Holds the file's write lock, so that the writer can store nothing.
class LockedEventWriterTest : public TelemetryTest {
 protected:
  void SetUp() override {
    TelemetryTest::SetUp();
    config_.queue_capacity = 10;
    config_.batch_size = 5;
    writer_ = open_writer();
    writer_->record(a_run());
    ASSERT_TRUE(writer_->flush().has_value());
    auto opened = Database::open(config_.path, Database::Access::kReadWrite);
    ASSERT_TRUE(opened.has_value());
    blocker_.emplace(std::move(*opened));
    ASSERT_TRUE(blocker_->execute("BEGIN IMMEDIATE").has_value());
  }
  void TearDown() override {
    writer_.reset();
    TelemetryTest::TearDown();
  }

  std::unique_ptr<EventWriter> writer_;
  std::optional<Database> blocker_;
};

TEST_F(LockedEventWriterTest, AFullQueueDropsAndCounts) {
  std::int64_t refused = 0;
  for (int i = 0; i < 100; ++i) refused += !writer_->record(a_query(i, 1));
  // The queue, and what the thread had taken from it before.
  EXPECT_GE(refused, 80);
  EXPECT_EQ(writer_->counts().dropped, refused);

  blocker_->rollback();
  ASSERT_TRUE(writer_->stop().has_value());
  const auto report = read();
  EXPECT_EQ(report.dropped, refused);
  EXPECT_EQ(report.queries, 100 - refused);
}

TEST_F(LockedEventWriterTest, ALockedFileFailsTheFlushAndIsRecoveredFrom) {
  writer_->record(a_query(1, 1));
  const auto refused = writer_->flush();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_GE(writer_->counts().failed_batches, 1);

  blocker_->rollback();
  ASSERT_TRUE(writer_->stop().has_value());
  EXPECT_EQ(writer_->counts().dropped, 0);
  EXPECT_EQ(read().queries, 1);
  EXPECT_GE(read().failed_batches, 1);
}

TEST_F(LockedEventWriterTest, WhatCannotBeStoredAtTheEndIsCountedAsDropped) {
  writer_->record(a_query(1, 1));
  EXPECT_FALSE(writer_->stop().has_value());
  EXPECT_EQ(writer_->counts().dropped, 1);
  blocker_->rollback();
  EXPECT_EQ(read().queries, 0);
}

// As long as it lives no file of this process may grow beyond so many bytes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) : old_signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit small{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*old_signal_)(int);
  rlimit old_{};
};

TEST_F(EventWriterTest, AFullDiskLosesNothingThatTheQueueHolds) {
  auto writer = open_writer();
  writer->record(a_run());
  ASSERT_TRUE(writer->flush().has_value());
  {
    const FileSizeLimit full(std::filesystem::file_size(config_.path.string() + "-wal"));
    for (int i = 0; i < 100; ++i) writer->record(a_query(i, 1));
    const auto refused = writer->flush();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::kExhausted);
  }
  ASSERT_TRUE(writer->stop().has_value());
  EXPECT_EQ(writer->counts().dropped, 0);
  EXPECT_EQ(read().queries, 100);
  EXPECT_GE(read().failed_batches, 1);
}

// Overwrites the table of statements, and leaves the file's head sound.
void damage(const std::filesystem::path& path) {
  std::int64_t page = 0;
  {
    auto database = Database::open(path, Database::Access::kReadWrite);
    page = *database->integer("SELECT rootpage FROM sqlite_schema WHERE name = 'observations'");
    ASSERT_TRUE(database->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp((page - 1) * 4096);
  file << std::string(4096, '\xff');
}

TEST_F(EventWriterTest, ADamagedFileIsSetAsideAndItsSuccessorTakesOver) {
  store({a_run(), a_query(1, 1)});
  damage(config_.path);
  auto writer = open_writer();
  writer->record(a_run());
  ASSERT_TRUE(writer->flush().has_value());
  for (int i = 0; i < 3; ++i) writer->record(a_query(i, 1));
  ASSERT_TRUE(writer->flush().has_value());
  EXPECT_TRUE(std::filesystem::exists(config_.path.string() + ".damaged"));
  const auto report = read();
  EXPECT_EQ(report.queries, 3);
  EXPECT_EQ(report.command, "demo");
  EXPECT_EQ(report.dropped, 0);
}

TEST_F(EventWriterTest, WhatIsDamagedBeforeItIsOpenedIsSetAsideUnderAFreeName) {
  for (const auto* name : {".damaged", ".damaged-2"}) {
    std::ofstream(config_.path) << std::string(5000, 'x');
    const auto aside = set_aside_if_damaged(config_.path);
    ASSERT_TRUE(aside && *aside);
    EXPECT_EQ(**aside, config_.path.string() + name);
    EXPECT_FALSE(std::filesystem::exists(config_.path));
  }
  EXPECT_EQ(*set_aside_if_damaged(config_.path), std::nullopt);
  store({a_run()});
  EXPECT_EQ(*set_aside_if_damaged(config_.path), std::nullopt);
  EXPECT_TRUE(std::filesystem::exists(config_.path));
}

TEST_F(EventWriterTest, AStoppedWriterDropsAndCounts) {
  auto writer = open_writer();
  ASSERT_TRUE(writer->stop().has_value());
  EXPECT_FALSE(writer->record(a_query(0, 1)));
  EXPECT_EQ(writer->counts().dropped, 1);
  EXPECT_TRUE(writer->stop().has_value());
}

TEST_F(EventWriterTest, SettingsOutOfRangeAreRefusedByName) {
  config_.batch_size = 0;
  const auto refused = EventWriter::open(config_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(refused.error().text(), "telemetry.batch_size is 0; set it to 1 to 1000000");
}

TEST_F(EventWriterTest, AFolderThatIsNotThereIsOneClearLine) {
  config_.path = folder_ / "missing" / "telemetry.sqlite";
  const auto refused = EventWriter::open(config_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find(config_.path.string()), std::string::npos);
}

void write_until_killed(const TelemetryConfig& config, int acknowledgements) {
  auto writer = EventWriter::open(config);
  if (!writer) _exit(1);
  (*writer)->record(a_run());
  for (std::int64_t count = 1;; ++count) {
    (*writer)->record(a_query(count, 1));
    if (count % 50 != 0) continue;
    if (!(*writer)->flush()) _exit(2);
    if (write(acknowledgements, &count, sizeof count) != sizeof count) _exit(3);
  }
}

TEST_F(EventWriterTest, NothingAcknowledgedIsLostWhenTheProcessIsKilled) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(pipe_ends[0]);
    write_until_killed(config_, pipe_ends[1]);
  }
  close(pipe_ends[1]);
  std::int64_t acknowledged = 0;
  while (acknowledged < 2000)
    ASSERT_EQ(::read(pipe_ends[0], &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  while (::read(pipe_ends[0], &acknowledged, sizeof acknowledged) ==
         static_cast<ssize_t>(sizeof acknowledged)) {
  }
  close(pipe_ends[0]);

  const auto report = read();
  EXPECT_GE(report.queries, acknowledged);
  EXPECT_TRUE(report.outcome.empty());
  auto database = Database::open(config_.path, Database::Access::kReadWrite);
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ(*database->integer("SELECT count(*) FROM pragma_integrity_check "
                               "WHERE integrity_check <> 'ok'"),
            0);
  // A killed writer's file is written on as if nothing had happened.
  store({a_run(), a_query(1, 1)});
  EXPECT_EQ(read().queries, 1);
}

}  // namespace
}  // namespace hintd::telemetry
