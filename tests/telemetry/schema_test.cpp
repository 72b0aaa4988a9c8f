#include "telemetry/schema.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support.h"

namespace hintd::telemetry {
namespace {

class SchemaTest : public TelemetryTest {
 protected:
  Database open() {
    auto database = Database::open(config_.path, Database::Access::kReadWrite);
    EXPECT_TRUE(database.has_value());
    return std::move(*database);
  }
  Error refusal() {
    const auto writer = EventWriter::open(config_);
    EXPECT_FALSE(writer.has_value());
    return writer ? Error{} : writer.error();
  }
  Error reader_refusal() {
    const auto reader = Reader::open(config_.path);
    EXPECT_FALSE(reader.has_value());
    return reader ? Error{} : reader.error();
  }
};

TEST_F(SchemaTest, AnEmptyFileBecomesOursAtTheLatestVersion) {
  auto database = open();
  ASSERT_TRUE(prepare_for_writing(database).has_value());
  EXPECT_EQ(*database.integer("PRAGMA user_version"), kSchemaVersion);
  EXPECT_EQ(*database.integer("PRAGMA application_id"), kApplicationId);
  EXPECT_TRUE(check_schema(database).has_value());
}

TEST_F(SchemaTest, PreparingTwiceChangesNothing) {
  auto database = open();
  ASSERT_TRUE(prepare_for_writing(database).has_value());
  const auto before = *database.integer("PRAGMA schema_version");
  ASSERT_TRUE(prepare_for_writing(database).has_value());
  EXPECT_EQ(*database.integer("PRAGMA schema_version"), before);
}

TEST_F(SchemaTest, AnotherApplicationsFileIsRefusedAndLeftAlone) {
  {
    auto database = open();
    ASSERT_TRUE(database.execute("CREATE TABLE bookmarks (id)").has_value());
  }
  EXPECT_EQ(refusal().kind, ErrorKind::kCorrupt);
  EXPECT_NE(refusal().message.find("is not hintd's telemetry"), std::string::npos);
  EXPECT_EQ(reader_refusal().kind, ErrorKind::kCorrupt);
  auto database = open();
  EXPECT_EQ(*database.integer("SELECT count(*) FROM sqlite_schema"), 1);
  EXPECT_EQ(*database.integer("PRAGMA user_version"), 0);
}

TEST_F(SchemaTest, AFileThatIsNotSqliteIsRefusedAndLeftAlone) {
  const std::string text(10'000, 'x');
  std::ofstream(config_.path) << text;
  EXPECT_EQ(refusal().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(reader_refusal().text(), config_.path.string() +
                                         " is not an SQLite file; name another telemetry file, or "
                                         "move this one away");
  std::ifstream file(config_.path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST_F(SchemaTest, ADamagedFileIsOneClearLine) {
  std::vector<Event> events{a_run()};
  events.resize(5000, a_query(1, 1));
  store(events);
  const auto size = std::filesystem::file_size(config_.path);
  std::filesystem::resize_file(config_.path, size / 3);
  auto reader = Reader::open(config_.path);
  const auto report = reader ? reader->read_report() : tl::make_unexpected(reader.error());
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(report.error().message.find("is damaged"), std::string::npos);
}

TEST_F(SchemaTest, ANewerVersionIsAConflict) {
  {
    auto database = open();
    ASSERT_TRUE(prepare_for_writing(database).has_value());
    ASSERT_TRUE(database.execute("PRAGMA user_version = 99").has_value());
  }
  EXPECT_EQ(refusal().kind, ErrorKind::kConflict);
  EXPECT_EQ(reader_refusal().kind, ErrorKind::kConflict);
}

TEST_F(SchemaTest, AnAbsentFileIsNotFoundAndNotCreated) {
  EXPECT_EQ(reader_refusal().kind, ErrorKind::kNotFound);
  EXPECT_NE(reader_refusal().text().find("run hintd demo first"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(config_.path));
}

TEST_F(SchemaTest, AFileWithoutARunSaysSo) {
  store({});
  auto reader = Reader::open(config_.path);
  ASSERT_TRUE(reader.has_value());
  const auto report = reader->read_report();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace hintd::telemetry
