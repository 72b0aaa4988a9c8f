#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "database/postgres/connection.h"
#include "serving.h"

namespace hintd {
namespace {

using nlohmann::json;
using test::run_program;

// Several statements of one template: behind a proxy an arm needs more than one to speak for it.
std::string slow_statement(int number) {
  return "SELECT count(*) FROM few JOIN many ON few.g = many.g AND few.k = many.k WHERE flag AND "
         "few.k <> " +
         std::to_string(number);
}

// One row when it was analyzed, a thousand now: for each of them the planner looks through a
// thousand others, where a hash join takes a twentieth of the time.
void mislead(const std::string& dsn) {
  auto connection = database::Connection::open({dsn, std::chrono::seconds(10), false});
  ASSERT_TRUE(connection) << connection.error().text();
  const auto made = connection->query(
      "DROP TABLE IF EXISTS few, many; CREATE TABLE few (g int, k int, flag bool) WITH "
      "(autovacuum_enabled = off);"
      "CREATE TABLE many (g int, k int) WITH (autovacuum_enabled = off);"
      "INSERT INTO few VALUES (0, 0, true);"
      "INSERT INTO many SELECT g, k FROM generate_series(0, 99) g, generate_series(1, 1000) k;"
      "CREATE INDEX ON many (g); ANALYZE few; ANALYZE many;"
      "INSERT INTO few SELECT k % 100, k, true FROM generate_series(1, 1000) k");
  ASSERT_TRUE(made) << made.error().text();
}

class ServeLearningTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::fresh_database("serve_learning");
    mislead(dsn_);
  }

  static json ask(const test::Serving& serving, const std::vector<std::string>& question) {
    std::vector<std::string> arguments = {"policy"};
    arguments.insert(arguments.end(), question.begin(), question.end());
    for (const std::string word : {"--json", "--out"}) arguments.push_back(word);
    arguments.push_back(serving.data_dir());
    return json::parse(run_program(arguments).out, nullptr, false);
  }

  static std::int64_t deployed(const test::Serving& serving) {
    const auto list = ask(serving, {"list"});
    return list.is_object() ? list.at("deployed").get<std::int64_t>() : 0;
  }

  // Runs the statement until it holds; false when it does not within minutes.
  template <class Condition>
  static bool traffic_until(const test::Serving& serving, Condition holds) {
    auto client = database::Connection::open({serving.dsn(), std::chrono::seconds(10), false});
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(4);
    while (client && std::chrono::steady_clock::now() < limit) {
      for (int i = 0; i < 5; ++i)
        if (!client->query(slow_statement(i))) return false;
      if (holds(*client)) return true;
    }
    return false;
  }

  static bool serves_a_rule(database::Connection& client) {
    const auto rules = client.query("SHOW hintd.policy");
    return rules && std::any_of(rules->begin(), rules->end(),
                                [](const auto& row) { return row.at(1) != "default"; });
  }

  std::string dsn_;
  const std::vector<std::string> settings_ = {"HINTD_LEVEL1_EVERY_S=1",
                                              "HINTD_LEVEL1_SANDBOX_BUDGET_S=60",
                                              "HINTD_LEVEL1_SANDBOX_SHARE=0.5",
                                              "HINTD_SERVE_EXPLORE_SHARE=1",
                                              "HINTD_SAFETY_MAX_CPU=1",
                                              "HINTD_SAFETY_MAX_MEMORY=1",
                                              "HINTD_LEARNING_RULES_MIN_STATEMENTS=2",
                                              "HINTD_SAFETY_MIN_FREE_DISK_MB=0"};
};

// Observe, explore off the users' path, prove, steer; and what a person takes back is back at once.
TEST_F(ServeLearningTest, WhatTrafficBringsIsProvedDeployedAndTakenBackOnDemand) {
  test::Serving serving({"--mode", "steer"}, settings_, dsn_);
  ASSERT_TRUE(traffic_until(serving, [](auto& client) { return serves_a_rule(client); }));
  const auto version = deployed(serving);
  ASSERT_GT(version, 0);
  const auto list = ask(serving, {"list"});
  for (const auto& policy : list.at("policies"))
    if (policy.at("id") == version) {
      EXPECT_EQ(policy.at("state"), "approved");
      EXPECT_EQ(policy.at("evidence").at("passed"), true);
    }
  ask(serving, {"pin", "0"});
  EXPECT_TRUE(traffic_until(serving, [](auto& client) { return !serves_a_rule(client); }));
  EXPECT_EQ(deployed(serving), 0);
  EXPECT_EQ(serving.program().finish_after(SIGTERM).status, 0);
}

// Any host is over a limit of more free disk than there is.
TEST_F(ServeLearningTest, OverAResourceLimitItServesAndLearnsNothing) {
  auto settings = settings_;
  settings.back() = "HINTD_SAFETY_MIN_FREE_DISK_MB=1e9";
  test::Serving serving({"--mode", "steer"}, settings, dsn_);
  ASSERT_TRUE(traffic_until(serving, [&](auto&) {
    const auto log = test::content_of(serving.data_dir() / "optimizer.log");
    return log.find("resource_limit what=\"free disk") != log.npos;
  }));
  EXPECT_EQ(deployed(serving), 0);
  EXPECT_EQ(serving.program().finish_after(SIGTERM).status, 0);
  const auto log = test::content_of(serving.data_dir() / "optimizer.log");
  EXPECT_EQ(log.find("level_1"), log.npos);
}

TEST_F(ServeLearningTest, AModeThatTheGovernanceFileForbidsIsRefused) {
  const test::ScratchFolder scratch;
  std::ofstream(scratch.path() / "hintd.yaml") << "serve: {mode: steer}\n";
  std::ofstream(scratch.path() / "policy_spec.yaml")
      << "id: careful\nversion: 3\nmodes: {deny: [steer]}\n";
  const auto ended = run_program({"serve", "--dsn", dsn_, "--data-dir", scratch.path() / "data",
                                  "--config", scratch.path() / "hintd.yaml"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.err.find("serve.mode is not allowed: mode steer"), std::string::npos)
      << ended.err;
  EXPECT_NE(ended.err.find("careful version 3"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace hintd
