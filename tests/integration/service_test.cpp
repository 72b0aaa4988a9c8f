// hintd as a service: readiness, reloading, ending, starting again after kill -9; and what it wants
// of the server.
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <nlohmann/json.hpp>

#include "database/postgres/connection.h"
#include "serving.h"
#include "telemetry/reader.h"

namespace hintd {
namespace {

using test::run_program;
using test::Serving;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// What a service manager hears.
class NotifySocket {
 public:
  explicit NotifySocket(const std::filesystem::path& path) : path_(path) {
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{AF_UNIX, {}};
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot bind " + path.string());
  }
  ~NotifySocket() { close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // Empty when nothing comes for a minute.
  std::string next() {
    pollfd wait{socket_, POLLIN, 0};
    char buffer[512];
    if (poll(&wait, 1, 60'000) <= 0) return {};
    return {buffer, static_cast<std::size_t>(std::max<ssize_t>(0, recv(socket_, buffer, 512, 0)))};
  }
  std::string variable() const { return "NOTIFY_SOCKET=" + path_.string(); }

 private:
  std::filesystem::path path_;
  int socket_;
};

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }

  static std::unique_ptr<test::Program> served_from(const std::filesystem::path& data) {
    return std::make_unique<test::Program>(std::vector<std::string>{
        "serve", "--dsn", test::cluster_dsn(), "--data-dir", data, "--listen", "127.0.0.1:0"});
  }
  void configure(const std::string& yaml) { std::ofstream(config_) << yaml; }

  test::ScratchFolder scratch_;
  std::filesystem::path data_ = scratch_.path() / "data";
  std::filesystem::path config_ = scratch_.path() / "hintd.yaml";
};

TEST_F(ServiceTest, SaysWhenItIsReadyReloadsAndEndsInGoodOrder) {
  NotifySocket manager(scratch_.path() / "notify");
  configure("log: {level: info}\nproxy: {max_connections: 10}\n");
  Serving serving({"--config", config_}, {manager.variable()});
  EXPECT_THAT(manager.next(), StartsWith("READY=1\nSTATUS=listening on 127.0.0.1:"));

  configure("log: {level: debug}\nproxy: {max_connections: 20}\n");
  kill(serving.program().pid(), SIGHUP);
  EXPECT_EQ(serving.program().line_with("settings "),
            "settings reloaded: 1 changed, 1 need a restart\n");
  EXPECT_EQ(manager.next(), "RELOADING=1");
  EXPECT_EQ(manager.next(), "READY=1");

  configure("log: {level: loud}\n");
  kill(serving.program().pid(), SIGHUP);
  EXPECT_THAT(
      serving.program().line_with("settings "),
      AllOf(StartsWith("settings are left as they are: "), HasSubstr("log.level is 'loud'")));
  EXPECT_EQ(manager.next(), "RELOADING=1");
  EXPECT_EQ(manager.next(), "READY=1");

  EXPECT_EQ(serving.program().finish_after(SIGTERM).status, 0);
  EXPECT_EQ(manager.next(), "STOPPING=1");
  const auto log = test::content_of(serving.data_dir() / "optimizer.log");
  EXPECT_THAT(log, AllOf(HasSubstr("setting_changed key=log.level"),
                         HasSubstr("setting_needs_restart key=proxy.max_connections"),
                         HasSubstr("settings_refused")));
}

TEST_F(ServiceTest, StartsAgainAfterBeingKilledWithASoundFile) {
  for (int i = 0; i < 2; ++i) {
    auto serving = served_from(data_);
    EXPECT_TRUE(serving->wait_for("listening on "));
    EXPECT_EQ(serving->finish_after(SIGKILL).status, 128 + SIGKILL);
  }
  const auto checked = run_program({"telemetry", "check", "--out", data_, "--json"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("\"sound\": true"));
  auto reader = telemetry::Reader::open(data_ / "telemetry.sqlite");
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_EQ(reader->read_report()->run, 2);
}

TEST_F(ServiceTest, APasswordOnTheCommandLineIsRefused) {
  const auto refused =
      run_program({"serve", "--data-dir", data_, "--dsn", "host=/nowhere user=u password=hunter2"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("HINTD_SERVE_DSN_FILE"), Not(HasSubstr("hunter2"))));
}

TEST_F(ServiceTest, ConfigCheckSaysTheProblemsOfEveryFileAtOnce) {
  configure("log: {level: loud}\nproxy: {io_threads: 999}\n");
  std::ofstream(scratch_.path() / "hints.yaml") << "[";
  const auto checked = run_program({"config", "check", "--config", config_});
  EXPECT_EQ(checked.status, 2);
  EXPECT_THAT(checked.err, AllOf(HasSubstr("log.level is 'loud'"), HasSubstr("proxy.io_threads"),
                                 HasSubstr("hints.yaml")));
}

TEST_F(ServiceTest, BackupsAreMadeVerifiedAndRestored) {
  {
    auto serving = served_from(data_);
    ASSERT_TRUE(serving->wait_for("listening on "));
    const auto made = run_program(
        {"telemetry", "backup", "--out", data_},
        {"HINTD_TELEMETRY_BACKUP_COMMAND=cp \"$1\" " + (scratch_.path() / "elsewhere").string()});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("verified"));
    const auto refused = run_program({"telemetry", "restore", "--out", data_});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("another hintd serves"));
    EXPECT_EQ(serving->finish_after(SIGTERM).status, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(scratch_.path() / "elsewhere"));
  EXPECT_EQ(run_program({"telemetry", "verify", "--out", data_}).status, 0);
  const auto restored = run_program({"telemetry", "restore", "--out", data_});
  EXPECT_EQ(restored.status, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("before-restore"));
}

TEST_F(ServiceTest, TheCommandOfTheExportedTimerMakesABackup) {
  {
    auto serving = served_from(data_);
    ASSERT_TRUE(serving->wait_for("listening on "));
    EXPECT_EQ(serving->finish_after(SIGTERM).status, 0);
  }
  const auto folder = scratch_.path() / "the data";
  std::filesystem::rename(data_, folder);
  configure("log: {level: warning}\n");
  const auto timer =
      run_program({"telemetry", "timer", "--out", folder, "--config", config_, "--json"});
  ASSERT_EQ(timer.status, 0) << timer.err;
  const auto exported = nlohmann::json::parse(timer.out);
  auto command = exported.at("command").get<std::string>();
  EXPECT_THAT(exported.at("cron").get<std::string>(), EndsWith(" hintd " + command));
  const std::string installed = "/usr/bin/hintd ";
  ASSERT_THAT(command, StartsWith(installed));
  command = HINTD_PROGRAM " " + command.substr(installed.size()) + " >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  EXPECT_FALSE(std::filesystem::is_empty(folder / "backups"));

  const auto refused = run_program({"telemetry", "timer", "--out", scratch_.path() / "100 %"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("cron and systemd read this path differently"));
}

TEST_F(ServiceTest, TheRoleItAsksForSufficesAndMayNotWrite) {
  const auto dsn = test::fresh_database("service_role");
  auto admin = database::Connection::open({dsn, std::chrono::seconds(5), false});
  ASSERT_TRUE(admin) << admin.error().text();
  ASSERT_TRUE(admin->query("CREATE TABLE IF NOT EXISTS goods AS SELECT 1 AS x"));
  const std::vector<std::string> make = {"init-role", "--dsn", dsn, "--role", "hintd \"watch\""};
  auto apply = make;
  apply.push_back("--apply");
  for (int i = 0; i < 2; ++i) {
    const auto applied = run_program(apply);
    EXPECT_EQ(applied.status, 0) << applied.err;
  }
  EXPECT_THAT(run_program(make).out, HasSubstr("GRANT pg_monitor TO \"hintd \"\"watch\"\"\""));

  const auto as_role = dsn + " user='hintd \"watch\"'";
  auto role = database::Connection::open({as_role, std::chrono::seconds(5), false});
  ASSERT_TRUE(role) << role.error().text();
  EXPECT_TRUE(role->query("SELECT * FROM goods"));
  EXPECT_FALSE(role->query("INSERT INTO goods VALUES (2)"));
  EXPECT_FALSE(
      role->query("SET default_transaction_read_only = off; INSERT INTO goods VALUES (2)"));

  const auto examined = run_program({"doctor", "--dsn", as_role, "--json"});
  EXPECT_EQ(examined.status, 0) << examined.err;
  const auto findings = nlohmann::json::parse(examined.out);
  std::map<std::string, std::string> standing;
  for (const auto& finding : findings) {
    standing[finding["what"]] = finding["standing"];
    EXPECT_EQ(finding["standing"] == "good", finding["cost"] == "") << finding;
  }
  for (const auto* good : {"version", "role", "pg_monitor", "tables", "hint sets", "clock"})
    EXPECT_EQ(standing[good], "good") << good << "\n" << examined.out;
  EXPECT_EQ(standing["pg_stat_statements"], "missing");
}

}  // namespace
}  // namespace hintd
