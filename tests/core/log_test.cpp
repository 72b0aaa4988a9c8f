#include "core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace hintd {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// Every test logs into a folder of its own.
class LogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    open(LogLevel::kInfo);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void open(LogLevel level) {
    const auto opened = log_to_files(folder_, level);
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
  }

  std::string text(const std::string& file) const {
    flush_log();
    std::ostringstream out;
    out << std::ifstream(folder_ / file).rdbuf();
    return out.str();
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      ("hintd_log_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(LogTest, ALineIsTimeLevelEventAndFields) {
  log_info("plan_reverted", {{"template", "9f3ac1"}, {"ratio", 1.33}, {"policy", 17}});
  EXPECT_THAT(text("optimizer.log"),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3} info "
                           "plan_reverted template=9f3ac1 ratio=1\\.33 policy=17\n"));
}

TEST_F(LogTest, WarningsAndErrorsStandInBothFiles) {
  log_info("quiet");
  log_warning("disk_slow");
  log_error("disk_full");
  EXPECT_THAT(text("optimizer.log"), HasSubstr("info quiet"));
  EXPECT_THAT(text("optimizer.log"), HasSubstr("disk_full"));
  EXPECT_THAT(text("errors.log"), HasSubstr("warning disk_slow"));
  EXPECT_THAT(text("errors.log"), HasSubstr("error disk_full"));
  EXPECT_THAT(text("errors.log"), Not(HasSubstr("quiet")));
}

TEST_F(LogTest, KeepsOutWhatIsBelowTheLevel) {
  log_debug("hidden");
  EXPECT_THAT(text("optimizer.log"), Not(HasSubstr("hidden")));
  open(LogLevel::kDebug);
  log_debug("shown");
  EXPECT_THAT(text("optimizer.log"), HasSubstr("debug shown"));
}

TEST_F(LogTest, AValueCannotBreakALineOrForgeAField) {
  log_info(
      "refused",
      {{"why", "line one\nline two"}, {"name", "a b=c"}, {"quote", "say \"x\""}, {"empty", ""}});
  const auto written = text("optimizer.log");
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1);
  EXPECT_THAT(written, HasSubstr(R"(why="line one\nline two")"));
  EXPECT_THAT(written, HasSubstr(R"(name="a b=c")"));
  EXPECT_THAT(written, HasSubstr(R"(quote="say \"x\"")"));
  EXPECT_THAT(written, HasSubstr(R"(empty="")"));
}

TEST_F(LogTest, BracesAreText) {
  log_info("odd", {{"value", "{}{0}%s"}});
  EXPECT_THAT(text("optimizer.log"), HasSubstr("value={}{0}%s"));
}

TEST_F(LogTest, NumbersOfEveryKindAreWritten) {
  log_info("numbers", {{"size", std::size_t{7}},
                       {"low", std::numeric_limits<std::int64_t>::min()},
                       {"small", 1e-9}});
  EXPECT_THAT(text("optimizer.log"), HasSubstr("size=7 low=-9223372036854775808 small=1e-09"));
}

TEST_F(LogTest, MovesToAnotherFolderWhenOpenedAgain) {
  log_info("before");
  const auto moved = folder_ / "deeper" / "still";
  ASSERT_TRUE(log_to_files(moved, LogLevel::kInfo).has_value());
  log_info("after");
  EXPECT_THAT(text("optimizer.log"), Not(HasSubstr("after")));
  EXPECT_THAT(text("deeper/still/optimizer.log"), HasSubstr("after"));
}

TEST_F(LogTest, AddsToWhatIsThere) {
  log_info("first_run");
  open(LogLevel::kInfo);
  log_info("second_run");
  EXPECT_THAT(text("optimizer.log"), HasSubstr("first_run"));
  EXPECT_THAT(text("optimizer.log"), HasSubstr("second_run"));
}

TEST_F(LogTest, RotatesAtTenMebibytes) {
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 11; ++i) log_info("filler", {{"block", block}});
  flush_log();
  EXPECT_LE(std::filesystem::file_size(folder_ / "optimizer.log"), 10U << 20);
  EXPECT_LE(std::filesystem::file_size(folder_ / "optimizer.1.log"), 10U << 20);
}

TEST_F(LogTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder_ / "file") << "in the way";
  const auto opened = log_to_files(folder_ / "file" / "logs", LogLevel::kInfo);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("file/logs"));
}

TEST_F(LogTest, TheLevelChangesLive) {
  log_debug("before");
  set_log_level(LogLevel::kDebug);
  log_debug("during");
  set_log_level(LogLevel::kError);
  log_warning("after");
  EXPECT_THAT(text("optimizer.log"), testing::AllOf(Not(HasSubstr("before")), HasSubstr("during"),
                                                    Not(HasSubstr("after"))));
}

TEST_F(LogTest, JsonLinesHoldWhatTheTextHolds) {
  ASSERT_TRUE(log_to_files(folder_, LogLevel::kInfo, LogFormat::kJson).has_value());
  log_info("plan_reverted", {{"why", "a \"quoted\"\nword"},
                             {"ratio", 1.5},
                             {"policy", 17},
                             {"nan", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_THAT(text("optimizer.log"),
              MatchesRegex("\\{\"time\": \"[-0-9]+T[.:0-9]+Z\", \"level\": \"info\", \"event\": "
                           "\"plan_reverted\", \"why\": \"a \\\\\"quoted\\\\\"\\\\u000aword\", "
                           "\"ratio\": 1.5, \"policy\": 17, \"nan\": null\\}\n"));
}

}  // namespace
}  // namespace hintd
