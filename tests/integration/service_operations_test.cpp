// What people look at and change in a `hintd serve` through its API.
#include <gmock/gmock.h>
#include <poll.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "service_setup.h"
#include "serving_api.h"

namespace hintd {
namespace {

using nlohmann::json;
using test::ServingApi;
using testing::HasSubstr;

constexpr const char* kStatement =
    "SELECT count(*) FROM numbers a JOIN numbers b ON a.n = b.n WHERE a.n < 40000";
constexpr auto kPatience = std::chrono::seconds(120);

class ServiceOperationsTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::database_with_numbers("operations");
    // Version 1 hints the statement, version 2 does not.
    test::make_versions(data_, dsn_, {TemplateRules{{fingerprint(), hinted()}}, {{1, hinted()}}});
  }

  static TemplateRule hinted() {
    TemplateRule rule;
    rule.rest.arm = 1;
    rule.reason = DecisionReason::kVerified;
    rule.default_latency = Millis(500);
    return rule;
  }

  static std::uint64_t fingerprint() {
    return parse_query(kStatement)->query_template->fingerprint;
  }
  static std::string order_target(std::uint64_t id) {
    return "templates/" + fingerprint_text(id) + "/order";
  }
  std::unique_ptr<ServingApi> serve() const {
    return std::make_unique<ServingApi>(
        data_, dsn_, std::vector<std::string>{"--mode", "steer"},
        std::vector<std::string>{"HINTD_SAFETY_MAX_STATEMENT_MS=300",
                                 "HINTD_SERVE_EXPLORE_SHARE=0"});
  }
  static json explained(const ServingApi& api) {
    return json::parse(api.ask("POST", "explain", json{{"sql", kStatement}}.dump()).body);
  }
  static json status(const ServingApi& api) { return api.get("summary").at("status"); }
  // The newest line of the audit log that people or API wrote.
  static std::string last_action(const ServingApi& api) {
    return api.get("audit?limit=1").at("items").at(0).at("action");
  }

  // The run's state once it is no longer running.
  static json ended(const ServingApi& api, const std::string& id) {
    json run;
    for (const Stopwatch watch; watch.elapsed() < kPatience; ::poll(nullptr, 0, 50)) {
      run = api.get("tunes/" + id);
      if (run.at("state") != "running") break;
    }
    return run;
  }

  test::ScratchFolder scratch_;
  std::filesystem::path data_ = scratch_.path() / "data";
  std::string dsn_;
};

TEST_F(ServiceOperationsTest, OrdersForATemplateDecideFromTheNextStatementOnAndAfterARestart) {
  auto api = serve();
  EXPECT_EQ(explained(*api).at("arm"), "no_nestloop");
  for (const auto* order : {"pinned", "rolled_back"})
    EXPECT_EQ(api->change("PUT", order_target(0x77), {{"order", order}}), 409) << order;

  EXPECT_EQ(api->change("PUT", order_target(fingerprint()), {{"order", "banned"}}), 200);
  EXPECT_EQ(last_action(*api), "banned");
  EXPECT_EQ(explained(*api).at("arm"), "default");
  EXPECT_EQ(explained(*api).at("reason"), "guarded");

  EXPECT_EQ(api->program().finish_after(SIGTERM).status, 0);
  api = serve();
  EXPECT_EQ(explained(*api).at("reason"), "guarded");
  EXPECT_EQ(api->change("PUT", order_target(fingerprint()), {{"order", "none"}}), 200);
  EXPECT_EQ(explained(*api).at("arm"), "no_nestloop");
  EXPECT_EQ(last_action(*api), "released");

  EXPECT_EQ(api->change("PUT", order_target(fingerprint()), {{"order", "pinned"}}), 200);
  EXPECT_EQ(api->change("POST", "policies/2/decisions", {{"action", "deploy"}}), 200);
  EXPECT_EQ(explained(*api).at("arm"), "no_nestloop")
      << "pinned, though version 2 has no such rule";
}

TEST_F(ServiceOperationsTest, PoliciesAreDecidedOnAndServeAtOnce) {
  const auto api = serve();
  EXPECT_EQ(status(*api).at("policy_version"), 1);
  EXPECT_EQ(api->change("POST", "policies/2/decisions", {{"action", "deploy"}}), 200);
  EXPECT_EQ(status(*api).at("policy_version"), 2);
  EXPECT_EQ(explained(*api).at("arm"), "default");
  EXPECT_EQ(api->change("POST", "policies/2/decisions", {{"action", "rollback"}}), 200);
  EXPECT_EQ(status(*api).at("policy_version"), 1);
  EXPECT_EQ(api->change("POST", "policies/2/decisions", {{"action", "ban"}}), 200);
  EXPECT_EQ(api->change("POST", "policies/2/decisions", {{"action", "approve"}}), 409);
  EXPECT_EQ(api->change("POST", "policies/9/decisions", {{"action", "approve"}}), 404);
  EXPECT_EQ(api->change("POST", "policies/1/decisions", {{"action", "praise"}}), 400);

  const auto policies = api->get("learning").at("level1").at("policies");
  ASSERT_EQ(policies.size(), 2U);
  EXPECT_EQ(policies[0].at("state"), "rejected");
  EXPECT_EQ(policies[0].at("banned"), true);
  EXPECT_EQ(policies[1].at("deployed"), true);
  EXPECT_THAT(api->ask("GET", "policies/1").body, HasSubstr("no_nestloop"));
  EXPECT_EQ(api->ask("GET", "policies/9").status, 404);
}

TEST_F(ServiceOperationsTest, ModeAndKillSwitchAreChangedAndTheAuditLogSaysByWhom) {
  const auto api = serve();
  EXPECT_EQ(api->change("PUT", "mode", {{"mode", "observe"}}), 200);
  EXPECT_EQ(status(*api).at("mode"), "observe");
  EXPECT_EQ(explained(*api).at("reason"), "observing");
  EXPECT_EQ(api->change("PUT", "mode", {{"mode", "steer"}}), 200);
  EXPECT_EQ(api->change("PUT", "hints", {{"on", false}}), 200);
  EXPECT_EQ(status(*api).at("hints_on"), false);
  EXPECT_EQ(api->change("PUT", "hints", {{"on", true}}), 200);
  EXPECT_EQ(status(*api).at("hints_on"), true);

  const auto audit = api->get("audit");
  std::vector<std::string> actions;
  for (const auto& line : audit.at("items"))
    if (line.at("actor") == "api from 127.0.0.1") {
      actions.push_back(line.at("action"));
      EXPECT_EQ(line.at("detail"), "a test");
    }
  EXPECT_THAT(actions, testing::ElementsAre("hints_on", "hints_off", "mode_steer", "mode_observe"));
}

TEST_F(ServiceOperationsTest, WhatIsNoSelectIsNotExplained) {
  const auto api = serve();
  for (const auto* sql : {"DELETE FROM numbers", "SELECT 1; SELECT 2", "SELEC 1"})
    EXPECT_EQ(api->ask("POST", "explain", json{{"sql", sql}}.dump()).status, 400) << sql;
  const auto found = explained(*api);
  EXPECT_THAT(found.at("set_sql").get<std::string>(), HasSubstr("enable_nestloop"));
  EXPECT_FALSE(found.at("default_plan").at("children").empty());
}

TEST_F(ServiceOperationsTest, TheSystemShowsJobsServerAndTheFilesOfARun) {
  std::filesystem::create_directories(data_ / "anchors");
  std::ofstream(data_ / "anchors" / "monday.json")
      << R"({"name": "monday", "until_us": 1767312000000000, "policy": 1, "templates": {"a": 1}})";
  std::ofstream(data_ / "anchors" / "cut.json") << R"({"name": )";
  std::ofstream(data_ / "meta.json") << R"({"content": {"generation": 4, "population": []}})";
  std::ofstream(data_ / "generations.jsonl") << "{\"generation\": 4}\n{\"generation\":";
  const auto api = serve();
  const auto anchors = api->get("anchors").at("items");
  ASSERT_EQ(anchors.size(), 1U);
  EXPECT_EQ(anchors[0].at("templates"), 1);
  const auto level2 = api->get("learning").at("level2");
  EXPECT_EQ(level2.at("generation"), 4);
  EXPECT_EQ(level2.at("generations").size(), 1U);

  const auto system = api->get("system");
  std::set<std::string> jobs;
  for (const auto& job : system.at("jobs"))
    if (job.at("next").is_string()) jobs.insert(job.at("name"));
  EXPECT_TRUE(jobs.contains("telemetry_summing_up") && jobs.contains("telemetry_cleaning"));
  std::map<std::string, double> gauges;
  for (const auto& gauge : system.at("gauges")) gauges[gauge.at("name")] = gauge.at("value");
  EXPECT_GT(gauges["postgresql_connections"], 0);
  EXPECT_GT(gauges["postgresql_database_bytes"], 0);
  EXPECT_GT(gauges["process_memory_bytes"], 0);
  EXPECT_FALSE(system.at("log").empty());
}

TEST_F(ServiceOperationsTest, AWorkloadIsTunedBesideTheTraffic) {
  auto api = serve();
  EXPECT_EQ(api->change("POST", "tunes", {{"workload", "DELETE FROM numbers"}, {"budget_s", 5}}),
            400);
  EXPECT_EQ(api->change("POST", "tunes", {{"workload", kStatement}, {"budget_s", 0}}), 400);
  EXPECT_TRUE(api->get("tunes").at("items").empty());

  ASSERT_EQ(api->change("POST", "tunes", {{"workload", kStatement}, {"budget_s", 4}}), 200);
  const auto run = ended(*api, "1");
  EXPECT_EQ(run.at("state"), "completed") << run;
  EXPECT_THAT(run.at("detail").get<std::string>(), HasSubstr(" of 1 statements run faster"));
  EXPECT_EQ(api->get("tunes/1/report").at("per_statement").size(), 1U);
  EXPECT_TRUE(api->get("tunes/1/policy").contains("templates"));
  EXPECT_EQ(api->ask("GET", "tunes/2/report").status, 404);
  EXPECT_EQ(api->change("POST", "tunes/1/stop", json::object()), 409);
  const auto perms = std::filesystem::status(data_ / "tunes").permissions();
  EXPECT_EQ(perms & ~std::filesystem::perms::owner_all, std::filesystem::perms::none);
}

TEST_F(ServiceOperationsTest, OneWorkloadAtATimeIsTunedUntilItIsStoppedOrTheServiceEnds) {
  auto api = serve();
  std::string endless;
  for (int i = 0; i < 400; ++i)
    endless += "SELECT count(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n + c.n % 7 = " +
               std::to_string(i) + ";\n";
  const json workload = {{"workload", endless}, {"budget_s", 3600}};
  ASSERT_EQ(api->change("POST", "tunes", workload), 200);
  EXPECT_EQ(api->change("POST", "tunes", workload), 409);
  EXPECT_EQ(api->get("tunes/1").at("state"), "running");
  EXPECT_EQ(api->get("tunes/1").at("statements"), 400);
  EXPECT_EQ(api->change("POST", "tunes/1/stop", json::object()), 200);
  EXPECT_EQ(ended(*api, "1").at("state"), "interrupted");
  EXPECT_EQ(last_action(*api), "tune_stopped");

  ASSERT_EQ(api->change("POST", "tunes", workload), 200);
  EXPECT_EQ(api->program().finish_after(SIGTERM).status, 0);
  api = serve();
  EXPECT_EQ(ended(*api, "2").at("state"), "interrupted");
  EXPECT_EQ(api->get("tunes").at("items").size(), 2U);
}

}  // namespace
}  // namespace hintd
