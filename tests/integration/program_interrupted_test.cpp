#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/hint_catalogue.h"
#include "database/demo/private_cluster_process.h"
#include "database/postgres/connection.h"
#include "learning/policy/memory_file.h"
#include "program.h"
#include "telemetry/database.h"

namespace hintd {
namespace {

using test::kQuickSettings;
using test::Program;
using test::quick_demo;
using test::run_program;

// What the program says on stderr at the end of a phase.
constexpr auto* kBaselineDone = "baseline  ";
constexpr auto* kLearningDone = "learning   ";

nlohmann::json report_of(const std::filesystem::path& out) {
  return nlohmann::json::parse(test::content_of(out / "final_report.json"));
}

// The versions of the policies that came into force in a run, from the one at its start.
std::vector<int> policy_versions(const nlohmann::json& report) {
  std::vector<int> versions;
  for (const auto& policy : report.at("policies")) versions.push_back(policy.at("version"));
  return versions;
}

class ProgramInterruptedTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::fresh_database("program_interrupted");
  }

  // A demo that is stopped by Ctrl-C once it has learned.
  test::Ended learn(const std::vector<std::string>& more = {}) const {
    Program demo(quick_demo(dsn_, out_, more), kQuickSettings);
    EXPECT_TRUE(demo.wait_for(kLearningDone));
    return demo.finish_after(SIGINT);
  }

  std::size_t statements_measured() const {
    const auto catalogue = config::load_catalogue(HINTD_SOURCE_DIR "/config/hints.yaml", "default");
    const auto stored = learning::load_memory(out_ / "memory.ckpt", *catalogue);
    EXPECT_TRUE(stored) << stored.error().text();
    std::size_t statements = 0;
    if (stored)
      for (const auto& [fingerprint, entries] : stored->memory.templates())
        statements += entries.size();
    return statements;
  }

  std::string integrity() const {
    using telemetry::Database;
    auto store = Database::open(out_ / "telemetry.sqlite", Database::Access::kReadWrite);
    auto check = store->prepare("PRAGMA integrity_check");
    std::string answer;
    (void)check->for_each([&](const auto& row) { answer += row.text(0); });
    return answer;
  }

  test::ScratchFolder scratch_;
  std::filesystem::path out_ = scratch_.path() / "demo";
  std::string dsn_;
};

TEST_F(ProgramInterruptedTest, CtrlCWhileLearningLeavesAReportAndWhatWasLearned) {
  Program demo(quick_demo(dsn_, out_), kQuickSettings);
  ASSERT_TRUE(demo.wait_for(kBaselineDone));
  const auto ended = demo.finish_after(SIGINT);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_EQ(ended.out, test::content_of(out_ / "final_report.txt"));
  const auto report = report_of(out_);
  EXPECT_EQ(report.at("outcome"), "interrupted");
  EXPECT_GT(report.at("queries"), 0);
  EXPECT_EQ(report.at("telemetry").at("dropped"), 0);
  EXPECT_EQ(integrity(), "ok");
  EXPECT_TRUE(std::filesystem::exists(out_ / "agent.ckpt"));
  EXPECT_TRUE(std::filesystem::exists(out_ / "memory.ckpt"));
}

TEST_F(ProgramInterruptedTest, ResumeGoesOnAndAPlainRunStartsAnew) {
  EXPECT_EQ(learn().status, 1);
  const auto first = report_of(out_);
  ASSERT_EQ(policy_versions(first).front(), 0);
  const auto measured = statements_measured();
  EXPECT_GT(measured, 0U);

  EXPECT_EQ(learn({"--resume"}).status, 1);
  const auto resumed = report_of(out_);
  EXPECT_EQ(resumed.at("run"), 2);
  EXPECT_EQ(policy_versions(resumed).front(), policy_versions(first).back());
  EXPECT_GE(statements_measured(), measured);

  EXPECT_EQ(learn().status, 1);
  const auto anew = report_of(out_);
  EXPECT_EQ(anew.at("run"), 3);
  EXPECT_EQ(policy_versions(anew).front(), 0);
}

TEST_F(ProgramInterruptedTest, KillLeavesASoundStoreAndANewRunWorks) {
  Program demo(quick_demo(dsn_, out_), kQuickSettings);
  ASSERT_TRUE(demo.wait_for(kBaselineDone));
  EXPECT_EQ(demo.finish_after(SIGKILL).status, 128 + SIGKILL);
  EXPECT_EQ(integrity(), "ok");
  const auto report = run_program({"report", "--json", "--out", out_});
  ASSERT_EQ(report.status, 0) << report.err;
  const auto found = nlohmann::json::parse(report.out);
  EXPECT_EQ(found.at("run"), 1);
  EXPECT_EQ(found.at("scale"), 0.01);

  learn();
  EXPECT_EQ(report_of(out_).at("run"), 2);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(ProgramInterruptedTest, WhatAKilledRunHadLearnedIsResumed) {
  Program demo(quick_demo(dsn_, out_), kQuickSettings);
  ASSERT_TRUE(demo.wait_for(kLearningDone));
  EXPECT_EQ(demo.finish_after(SIGKILL).status, 128 + SIGKILL);
  EXPECT_EQ(integrity(), "ok");
  const auto measured = statements_measured();
  EXPECT_GT(measured, 0U);

  EXPECT_EQ(learn({"--resume"}).status, 1);
  EXPECT_EQ(report_of(out_).at("run"), 2);
  EXPECT_GE(statements_measured(), measured);
}

TEST_F(ProgramInterruptedTest, ARunKilledAtOnceCanBeResumed) {
  Program demo(quick_demo(dsn_, out_), kQuickSettings);
  ASSERT_TRUE(demo.wait_for(kBaselineDone));
  EXPECT_EQ(demo.finish_after(SIGKILL).status, 128 + SIGKILL);
  EXPECT_EQ(learn({"--resume"}).status, 1);
  EXPECT_EQ(report_of(out_).at("run"), 2);
}

// Its evaluation would ask for literals that the first run learned from.
TEST_F(ProgramInterruptedTest, ARunWithOtherDataIsNotResumed) {
  learn();
  const auto memory = test::content_of(out_ / "memory.ckpt");
  const auto other = run_program(quick_demo(dsn_, out_, {"--resume", "--seed", "2"}));
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.err.find("was learned with shop.seed 1, not 2"), std::string::npos) << other.err;
  EXPECT_EQ(test::content_of(out_ / "memory.ckpt"), memory);
  EXPECT_EQ(report_of(out_).at("run"), 1);
}

TEST_F(ProgramInterruptedTest, CtrlCWhileTheShopIsLoadedStopsThePrivateServer) {
  const std::string started = "private PostgreSQL started in ";
  Program setup({"setup", "--scale", "0.2", "--data-dir", scratch_.path() / "data"});
  auto line = setup.line_with(started);
  ASSERT_FALSE(line.empty());
  line.pop_back();
  const auto server = std::filesystem::path(line.substr(started.size()));
  ASSERT_TRUE(std::filesystem::exists(server / "data" / "postmaster.pid"));
  const auto ended = setup.finish_after(SIGINT);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_NE(ended.err.find("loading the shop was stopped; run it again"), std::string::npos)
      << ended.err;
  EXPECT_FALSE(std::filesystem::exists(server / "data" / "postmaster.pid"));
}

TEST_F(ProgramInterruptedTest, LostSessionsAndARestartedServerCostOneStatementEach) {
  Program demo(quick_demo(dsn_, out_), kQuickSettings);
  ASSERT_TRUE(demo.wait_for(kBaselineDone));
  auto connection = database::Connection::open({test::cluster_dsn()});
  ASSERT_TRUE(connection) << connection.error().text();
  const auto ended_sessions = connection->query(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      "WHERE datname = 'program_interrupted'");
  ASSERT_TRUE(ended_sessions) << ended_sessions.error().text();

  ASSERT_TRUE(demo.wait_for("optimised  "));
  const auto programs = database::find_postgres_programs("");
  const auto restarted = database::run_as(
      *database::server_user(), {*programs / "pg_ctl", "-D", test::cluster().data_folder(), "-l",
                                 test::cluster().log_file(), "-m", "fast", "-w", "restart"});
  ASSERT_TRUE(restarted && restarted->status == 0);

  const auto ended = demo.finish();
  EXPECT_EQ(ended.status, 0) << ended.err;
  const auto report = report_of(out_);
  EXPECT_EQ(report.at("outcome"), "completed");
  EXPECT_LE(report.at("failures"), 2);
  EXPECT_GT(report.at("evaluation").at("unseen_templates").at("queries"), 0);
}

}  // namespace
}  // namespace hintd
