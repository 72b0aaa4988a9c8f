#include "telemetry/batch.h"

#include "support.h"

namespace hintd::telemetry {
namespace {

class BatchTest : public TelemetryTest {
 protected:
  void SetUp() override {
    TelemetryTest::SetUp();
    auto opened = Database::open(config_.path, Database::Access::kReadWrite);
    ASSERT_TRUE(opened);
    database_.emplace(std::move(*opened));
    ASSERT_TRUE(database_->execute(
        "PRAGMA journal_mode = WAL; CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT)"));
  }
  Batch batch(const char* sql, std::size_t rows) {
    auto made = Batch::prepare(*database_, sql, rows);
    EXPECT_TRUE(made) << made.error().text();
    return std::move(*made);
  }
  void insert(std::int64_t count) {
    auto rows = batch("INSERT INTO goods VALUES (?, ?)", 10);
    for (std::int64_t id = 1; id <= count; ++id) ASSERT_TRUE(rows.add(id, std::string_view("x")));
    ASSERT_TRUE(rows.finish());
    EXPECT_EQ(rows.committed(), count);
  }
  // As another process sees it.
  std::int64_t seen(const char* sql = "SELECT count(*) FROM goods") {
    auto other = Database::open(config_.path, Database::Access::kReadOnly);
    return *other->integer(sql);
  }
  std::optional<Database> database_;
};

TEST_F(BatchTest, AFullBatchIsCommittedAndTheRestAtTheEnd) {
  auto rows = batch("INSERT INTO goods VALUES (?, ?)", 10);
  for (std::int64_t id = 1; id <= 25; ++id) ASSERT_TRUE(rows.add(id, std::string_view("x")));
  EXPECT_EQ(seen(), 20);
  ASSERT_TRUE(rows.finish());
  EXPECT_EQ(seen(), 25);
  EXPECT_EQ(rows.committed(), 25);
}

TEST_F(BatchTest, UpdatesAndDeletesCountTheRowsTheyFound) {
  insert(25);
  auto names = batch("UPDATE goods SET name = ? WHERE id = ?", 7);
  for (std::int64_t id = 20; id <= 30; ++id) ASSERT_TRUE(names.add(std::string_view("y"), id));
  ASSERT_TRUE(names.finish());
  EXPECT_EQ(names.committed(), 6);
  EXPECT_EQ(seen("SELECT count(*) FROM goods WHERE name = 'y'"), 6);

  auto gone = batch("DELETE FROM goods WHERE id = ?", 7);
  for (std::int64_t id = 1; id <= 25; id += 2) ASSERT_TRUE(gone.add(id));
  ASSERT_TRUE(gone.finish());
  EXPECT_EQ(gone.committed(), 13);
  EXPECT_EQ(seen(), 12);
}

TEST_F(BatchTest, AFailureTakesItsBatchBackWholeAndLeavesThoseBefore) {
  insert(1);
  auto rows = batch("INSERT INTO goods VALUES (?, ?)", 10);
  for (std::int64_t id = 2; id <= 16; ++id) ASSERT_TRUE(rows.add(id, std::string_view("x")));
  EXPECT_FALSE(rows.add(std::int64_t{1}, std::string_view("again")));
  EXPECT_TRUE(rows.finish());
  EXPECT_EQ(seen(), 11);
  EXPECT_EQ(rows.committed(), 10);
}

TEST_F(BatchTest, WhatWasNotFinishedIsTakenBack) {
  {
    auto rows = batch("INSERT INTO goods VALUES (?, ?)", 10);
    ASSERT_TRUE(rows.add(std::int64_t{1}, std::string_view("x")));
  }
  EXPECT_EQ(seen(), 0);
  insert(1);
}

TEST_F(BatchTest, ABatchOfNothingIsRefused) {
  EXPECT_EQ(Batch::prepare(*database_, "DELETE FROM goods", 0).error().kind,
            ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace hintd::telemetry
