#include <sys/mount.h>

#include <algorithm>

#include "core/durable_file.h"
#include "database/postgres/connection.h"
#include "program.h"
#include "telemetry/database.h"

namespace hintd {
namespace {

namespace fs = std::filesystem;
using test::Ended;
using test::kQuickSettings;
using test::quick_demo;
using test::run_program;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

// One line of error that says `what`, nothing on stdout, and the exit status of an error.
void expect_refused(const Ended& ended, int status, const std::string& what) {
  EXPECT_EQ(ended.status, status) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find(what), std::string::npos) << "not said: " << what << "\n" << ended.err;
  const auto last = ended.err.rfind("hintd: ");
  ASSERT_NE(last, std::string::npos) << ended.err;
  EXPECT_EQ(last, ended.err.find("hintd: ")) << ended.err;
  EXPECT_EQ(
      std::count(ended.err.begin() + static_cast<std::ptrdiff_t>(last), ended.err.end(), '\n'), 1)
      << ended.err;
  EXPECT_NE(ended.err.find("; ", last), std::string::npos) << "no remedy: " << ended.err;
}

class ProgramBadInputTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }

  std::string shop() const { return test::fresh_database("program_bad_input"); }

  // A run is refused, and its folder then holds no report and no telemetry.
  void expect_no_run(const std::vector<std::string>& arguments, int status, const std::string& what,
                     const std::vector<std::string>& settings = {}) const {
    expect_refused(run_program(arguments, settings), status, what);
    for (const auto* file : {"final_report.json", "telemetry.sqlite", "agent.ckpt"})
      EXPECT_FALSE(fs::exists(out_ / file)) << file;
  }

  std::string ask(const std::string& dsn, const std::string& sql) const {
    auto connection = database::Connection::open({.dsn = dsn, .read_only = false});
    if (!connection) return connection.error().text();
    const auto rows = connection->query(sql);
    if (!rows) return rows.error().text();
    return rows->empty() ? "" : rows->at(0).at(0).value_or("NULL");
  }

  test::ScratchFolder scratch_;
  fs::path out_ = scratch_.path() / "out";
};

TEST_F(ProgramBadInputTest, WrongUsageIsNamed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "subcommand is required"},
      {{"lern"}, "lern is no command"},
      {{"telemetry", "lern"}, "lern is no command"},
      {{"telemetry"}, "subcommand is required"},
      {{"demo", "--fastmode"}, "--fastmode"},
      {{"demo", "--workload", "heavy"}, "heavy not in {mixed,analytical,oltp}"},
      {{"report", "--format", "xml"}, "xml not in {text,json,html}"},
      {{"explain"}, "sql is required"},
  };
  for (const auto& [arguments, what] : cases) expect_refused(run_program(arguments), 2, what);
}

TEST_F(ProgramBadInputTest, APathThatCannotBeLookedAtIsNamed) {
  const std::string long_name(300, 'x');
  expect_refused(run_program({"policy", "list", "--out", "/tmp/" + long_name}), 1,
                 long_name + "/policies");
  // A folder of settings that may not be read is as good as none.
  const auto ended = run_program({"config", "check"}, {"HINTD_CONFIG_DIR=/tmp/" + long_name});
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.err.find("hints.yaml"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.err.find("terminate"), std::string::npos) << ended.err;
}

TEST_F(ProgramBadInputTest, AValueOutOfRangeIsNamedWithItsRange) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--scale", "0"}, "shop.scale is '0'; set it to a number from 0.01 to 100"},
      {{"--scale", "abc"}, "shop.scale is 'abc'"},
      {{"--duration", "-1"}, "simulation.duration_days is '-1'"},
      {{"--queries", "none"}, "simulation.queries_per_hour is 'none'"},
      {{"--seed", "-1"}, "-1 not in range"},
  };
  for (const auto& [option, what] : cases) {
    std::vector<std::string> arguments = {"demo", "--dsn", shop(), "--out", out_};
    arguments.insert(arguments.end(), option.begin(), option.end());
    expect_no_run(arguments, 2, what);
  }
}

TEST_F(ProgramBadInputTest, ASettingsFileIsHeldToItsKeysRangesAndForm) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"simulation: {duraton_days: 3}", "did you mean simulation.duration_days?"},
      {"\nsimulation:\n  duration_days: 0", "settings.yaml:3: simulation.duration_days is '0'"},
      {"shop: {scale: big}", "shop.scale is 'big'"},
      {"simulation: [}", "settings.yaml:1: not YAML"},
  };
  const auto file = scratch_.path() / "settings.yaml";
  for (const auto& [text, what] : cases) {
    write(file, text);
    expect_no_run(quick_demo(shop(), out_, {"--config", file}), 2, what);
    expect_refused(run_program({"config", "check", "--config", file}), 2, what);
  }
  expect_no_run(quick_demo(shop(), out_, {"--config", scratch_.path() / "none.yaml"}), 1,
                "none.yaml cannot be read");
}

TEST_F(ProgramBadInputTest, TheEnvironmentIsHeldToTheSame) {
  expect_no_run(quick_demo(shop(), out_), 2, "HINTD_SAFETY_DEADLINE_MULTIPLE is '0'",
                {"HINTD_SAFETY_DEADLINE_MULTIPLE=0"});
  expect_no_run(quick_demo(shop(), out_), 2, "did you mean HINTD_SHOP_SCALE?",
                {"HINTD_SHOP_SCALES=1"});
}

TEST_F(ProgramBadInputTest, AServerThatIsNotThereIsNamed) {
  expect_no_run(quick_demo("host=127.0.0.1 port=1 dbname=shop", out_), 1, "Connection refused");
  expect_no_run(quick_demo("host=/nowhere dbname=shop", out_), 1, "/nowhere");
  expect_no_run(quick_demo("no dsn at all", out_), 2, "write the DSN as");
  expect_no_run(quick_demo(test::cluster_dsn("no_such_shop"), out_), 2,
                "database \"no_such_shop\" does not exist");
}

TEST_F(ProgramBadInputTest, AWrongPasswordIsNamed) {
  const auto rules = test::cluster().data_folder() / "pg_hba.conf";
  const auto before = test::content_of(rules);
  ASSERT_EQ(ask(test::cluster_dsn(), "CREATE ROLE program_guest LOGIN PASSWORD 'right'"), "");
  // Written in place: the file stays its owner's.
  std::ofstream(rules) << "local all program_guest scram-sha-256\n" << before;
  ASSERT_EQ(ask(test::cluster_dsn(), "SELECT pg_reload_conf()"), "t");
  // The reload is a signal to the server: a session that sees the new rules proves it arrived.
  while (ask(test::cluster_dsn() + " user=program_guest", "SELECT 1") == "1") {
  }
  expect_no_run(quick_demo(test::cluster_dsn() + " user=program_guest password=wrong", out_), 2,
                "password authentication failed");
  expect_no_run(quick_demo(test::cluster_dsn() + " user=program_guest", out_), 2,
                "give the password");
  std::ofstream(rules) << before;
  EXPECT_EQ(ask(test::cluster_dsn(), "SELECT pg_reload_conf()"), "t");
}

TEST_F(ProgramBadInputTest, ADatabaseOfSomebodyElseIsLeftAlone) {
  const auto dsn = test::fresh_database("program_foreign");
  ASSERT_EQ(ask(dsn, "CREATE TABLE ledger (amount integer)"), "");
  expect_no_run(quick_demo(dsn, out_), 1, "the database holds table ledger");
  expect_refused(run_program({"setup", "--scale", "0.01", "--dsn", dsn}), 1, "holds table ledger");
  EXPECT_EQ(ask(dsn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");
}

TEST_F(ProgramBadInputTest, ASecondDemoInOneDataFolderIsRefused) {
  const auto data = scratch_.path() / "data";
  fs::create_directories(data);
  const auto held = FileLock::try_take(data / "demo.lock");
  ASSERT_TRUE(held);
  expect_no_run({"demo", "--fast-mode", "--data-dir", data, "--out", out_}, 1,
                "another demo runs in " + data.string());
}

TEST_F(ProgramBadInputTest, WhatWasNotLearnedIsSaidBeforeAServerIsStarted) {
  const auto data = scratch_.path() / "data";
  const std::string what = "there is no plan memory at";
  expect_refused(run_program({"explain", "--data-dir", data, "SELECT 1"}), 1, what);
  expect_no_run({"demo", "--fast-mode", "--resume", "--data-dir", data, "--out", out_}, 1, what);
  EXPECT_FALSE(fs::exists(data / "pg"));
}

TEST_F(ProgramBadInputTest, AFolderThatCannotBeMadeIsNamed) {
  write(out_, "a file");
  expect_refused(run_program(quick_demo(shop(), out_)), 1,
                 "cannot make the folder " + out_.string());
  expect_refused(run_program(quick_demo(shop(), "/proc/nothing")), 1, "/proc/nothing");
}

TEST_F(ProgramBadInputTest, AStatementThatCannotBeExplainedIsNamed) {
  const std::vector<std::tuple<std::string, int, std::string>> cases = {
      {"SELEC 1", 1, "syntax error at or near \"SELEC\" at character 1"},
      {"DELETE FROM orders", 2, "not one read-only SELECT"},
      {"SELECT 1; SELECT 2", 2, "not one read-only SELECT"},
      {"", 2, "not one read-only SELECT"},
      {"SELECT 1", 1, "run hintd demo first"},
  };
  for (const auto& [sql, status, what] : cases)
    expect_refused(run_program({"explain", "--dsn", shop(), "--out", out_, sql}), status, what);
}

TEST_F(ProgramBadInputTest, TelemetryThatIsNotThereOrNotOursIsNamed) {
  const auto store = out_ / "telemetry.sqlite";
  for (const auto& command : {std::vector<std::string>{"report"}, {"telemetry", "summary"}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--out", out_});
    fs::remove_all(out_);
    expect_refused(run_program(arguments), 1, "there is no telemetry at " + store.string());
    EXPECT_FALSE(fs::exists(store));
    write(store, "not a store at all");
    expect_refused(run_program(arguments), 1, "telemetry.sqlite is not an SQLite file");
    EXPECT_EQ(test::content_of(store), "not a store at all");
  }
  expect_refused(run_program({"report", "--out", out_, "--since", "yesterday"}), 1,
                 "is not an SQLite file");
}

TEST_F(ProgramBadInputTest, ARunRefusesFilesThatItCannotUse) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"telemetry.sqlite", "not a store at all", "telemetry.sqlite is not an SQLite file"},
      {"memory.ckpt", "{\"x\": 1}", "memory.ckpt is not a usable plan memory"},
      {"memory.ckpt", "cut sho", "memory.ckpt is not a usable plan memory"},
      {"agent.ckpt", "no checkpoint", "run hintd demo first"},  // without its memory.ckpt
  };
  for (const auto& [name, text, what] : cases) {
    fs::remove_all(out_);
    write(out_ / name, text);
    expect_refused(run_program(quick_demo(shop(), out_, {"--resume"})), 1, what);
    EXPECT_EQ(test::content_of(out_ / name), text);
    EXPECT_FALSE(fs::exists(out_ / "final_report.json"));
  }
}

TEST_F(ProgramBadInputTest, AStoreOfSomebodyElseIsRefusedBeforeDataIsLoaded) {
  const auto dsn = test::fresh_database("program_other_store");
  fs::create_directories(out_);
  auto other =
      telemetry::Database::open(out_ / "telemetry.sqlite", telemetry::Database::Access::kReadWrite);
  ASSERT_TRUE(other && other->execute("CREATE TABLE ledger (amount INTEGER)"));
  expect_refused(run_program(quick_demo(dsn, out_)), 1, "is not hintd's telemetry");
  EXPECT_EQ(ask(dsn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
}

TEST_F(ProgramBadInputTest, ADamagedCheckpointIsRefusedAndKept) {
  test::Program demo(quick_demo(shop(), out_), kQuickSettings);
  ASSERT_TRUE(demo.wait_for("baseline  "));
  ASSERT_EQ(demo.finish_after(SIGINT).status, 1);
  const auto checkpoint = out_ / "agent.ckpt";
  const auto whole = test::content_of(checkpoint);
  const auto report = test::content_of(out_ / "final_report.json");
  for (const auto& [text, what] :
       {std::pair<std::string, std::string>{"junk", "not one of hintd's"},
        {whole.substr(0, whole.size() / 2), "cut short or damaged"}}) {
    write(checkpoint, text);
    expect_refused(run_program(quick_demo(shop(), out_, {"--resume"})), 1, what);
    expect_refused(run_program({"explain", "--dsn", shop(), "--out", out_, "SELECT 1"}), 1, what);
    EXPECT_EQ(test::content_of(checkpoint), text);
    EXPECT_EQ(test::content_of(out_ / "final_report.json"), report);
  }
}

// A file system of 256 KB, gone at the end of its scope.
class TinyDisk {
 public:
  explicit TinyDisk(const fs::path& folder) : folder_(folder) {
    fs::create_directories(folder);
    mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  ~TinyDisk() {
    if (mounted_) umount(folder_.c_str());
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

TEST_F(ProgramBadInputTest, AFullDiskIsNamed) {
  const TinyDisk disk(out_);
  if (!disk.mounted()) GTEST_SKIP() << "a small file system can be mounted as root only";
  const auto ended = run_program(quick_demo(shop(), out_), kQuickSettings);
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err.find("baseline  "), std::string::npos) << "met before any traffic";
  EXPECT_NE(ended.err.find("hintd: "), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("No space left on device; free some disk space"), std::string::npos)
      << ended.err;
}

}  // namespace
}  // namespace hintd
