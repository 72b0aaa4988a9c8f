// What befalls the telemetry file befalls no statement: a full disk, a lock, damage.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "database/postgres/connection.h"
#include "serving.h"
#include "telemetry/database.h"

namespace hintd {
namespace {

using test::Serving;
using ::testing::HasSubstr;
using ::testing::Not;

class ServiceFaultsTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }

  void serve(const std::filesystem::path& data) {
    serving_.emplace(std::vector<std::string>{"--http", "off", "--data-dir", data});
    auto opened = database::Connection::open({serving_->dsn(), std::chrono::seconds(30), false});
    ASSERT_TRUE(opened) << opened.error().text();
    client_.emplace(std::move(*opened));
  }
  std::filesystem::path telemetry() const { return data_ / "telemetry.sqlite"; }
  std::string log(const char* name = "errors.log") { return test::content_of(data_ / name); }

  // Statements go through the proxy, and are answered, until the log has the text.
  void run_statements_until(const std::function<bool()>& done) {
    const Stopwatch watch;
    while (!done() && watch.elapsed() < Millis(120'000)) {
      const auto answer = client_->query("SELECT 6 * 7");
      ASSERT_TRUE(answer) << answer.error().text();
    }
    EXPECT_TRUE(done()) << log("optimizer.log");
  }
  void run_statements_until_logged(const char* text) {
    run_statements_until([&] { return log("optimizer.log").find(text) != std::string::npos; });
  }

  test::ScratchFolder scratch_;
  std::filesystem::path data_ = scratch_.path() / "data";
  std::optional<Serving> serving_;
  std::optional<database::Connection> client_;
};

TEST_F(ServiceFaultsTest, AFullDiskStopsNoStatementAndIsRecoveredFrom) {
  serve(data_);
  if (HasFatalFailure()) return;
  const pid_t daemon = serving_->program().pid();
  rlimit old{};
  const rlimit full{std::filesystem::file_size(telemetry().string() + "-wal"), RLIM_INFINITY};
  ASSERT_EQ(prlimit(daemon, RLIMIT_FSIZE, &full, &old), 0);
  run_statements_until_logged("telemetry_write_failed");
  ASSERT_EQ(prlimit(daemon, RLIMIT_FSIZE, &old, nullptr), 0);
  run_statements_until_logged("telemetry_write_recovered dropped=0");
  EXPECT_EQ(serving_->program().finish_after(SIGTERM).status, 0);
}

TEST_F(ServiceFaultsTest, ALockedFileStopsNoStatementAndIsRecoveredFrom) {
  serve(data_);
  if (HasFatalFailure()) return;
  auto blocker = telemetry::Database::open(telemetry(), telemetry::Database::Access::kReadWrite);
  ASSERT_TRUE(blocker);
  ASSERT_TRUE(blocker->execute("BEGIN IMMEDIATE"));
  run_statements_until_logged("telemetry_write_failed");
  blocker->rollback();
  run_statements_until_logged("telemetry_write_recovered dropped=0");
  EXPECT_EQ(serving_->program().finish_after(SIGTERM).status, 0);
}

TEST_F(ServiceFaultsTest, AFileThatCannotBeUsedIsSetAsideAtTheStart) {
  std::filesystem::create_directories(data_);
  std::ofstream(telemetry()) << std::string(10'000, 'x');
  serve(data_);
  if (HasFatalFailure()) return;
  EXPECT_TRUE(std::filesystem::exists(telemetry().string() + ".damaged"));
  EXPECT_THAT(log(), HasSubstr("telemetry_damaged"));
  const auto answer = client_->query("SELECT 6 * 7");
  EXPECT_TRUE(answer);
  EXPECT_EQ(serving_->program().finish_after(SIGTERM).status, 0);
  EXPECT_EQ(test::run_program({"telemetry", "check", "--out", data_}).status, 0);
}

TEST_F(ServiceFaultsTest, PoliciesThatCannotBeReadAreSetAsideAtTheStart) {
  const auto policies = data_ / "policies";
  std::filesystem::create_directories(policies);
  std::ofstream(policies / "state.json") << "{";
  serve(data_);
  if (HasFatalFailure()) return;
  EXPECT_EQ(test::content_of(data_ / "policies.unreadable" / "state.json"), "{");
  EXPECT_THAT(log(), HasSubstr("policies_unreadable"));
  EXPECT_TRUE(client_->query("SELECT 6 * 7"));
  EXPECT_EQ(serving_->program().finish_after(SIGTERM).status, 0);
}

TEST_F(ServiceFaultsTest, DamageThatIsMetWhileServingCostsNoStatementAndTheFileIsReplaced) {
  {
    serve(data_);
    if (HasFatalFailure()) return;
    ASSERT_TRUE(client_->query("SELECT 1"));
    client_.reset();
    ASSERT_EQ(serving_->program().finish_after(SIGTERM).status, 0);
  }
  {
    auto file = telemetry::Database::open(telemetry(), telemetry::Database::Access::kReadWrite);
    ASSERT_TRUE(file);
    const auto page =
        file->integer("SELECT rootpage FROM sqlite_schema WHERE name = 'observations'");
    ASSERT_TRUE(page);
    std::fstream bytes(telemetry(), std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekp((*page - 1) * 4096);
    bytes << std::string(4096, '\xff');
  }
  serve(data_);
  if (HasFatalFailure()) return;
  run_statements_until_logged("telemetry_damaged");
  run_statements_until([&] { return std::filesystem::exists(telemetry().string() + ".damaged"); });
  client_.reset();
  EXPECT_EQ(serving_->program().finish_after(SIGTERM).status, 0);
  EXPECT_EQ(test::run_program({"telemetry", "check", "--out", data_}).status, 0);
}

}  // namespace
}  // namespace hintd
