#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "serving_dashboard.h"

namespace hintd::dashboard {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTunes = "/api/v1/tunes";

class ApiTunesTest : public ServingDashboard {
 protected:
  test::Answer submit(const json& body) const { return change("POST", kTunes, body.dump()); }
};

TEST_F(ApiTunesTest, AWorkloadThatIsHandedInIsListedWithWhoAndWhy) {
  const auto begun = submit({{"workload", "SELECT 1"}, {"budget_s", 90}, {"why", "slow reports"}});
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(json::parse(begun.body).at("state"), "running");
  const auto items = json::parse(get(kTunes).body).at("items");
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].at("budget_s"), 90);
  EXPECT_EQ(items[0].at("why"), "slow reports");
  EXPECT_THAT(items[0].at("actor").get<std::string>(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(json::parse(get("/api/v1/tunes/1").body), items[0]);
  EXPECT_EQ(get("/api/v1/tunes/7").status, 404);
}

TEST_F(ApiTunesTest, WhatIsMissingIsSaid) {
  const json whole = {{"workload", "SELECT 1"}, {"budget_s", 90}, {"why", "a test"}};
  for (const auto* member : {"workload", "budget_s", "why"}) {
    auto body = whole;
    body.erase(member);
    const auto refused = submit(body);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr(std::string(member) + " is missing"));
  }
  auto long_one = whole;
  long_one["workload"] = std::string(950 * 1024, ' ');
  EXPECT_EQ(submit(long_one).status, 400);
  EXPECT_EQ(json::parse(get(kTunes).body).at("items").size(), 0U);
}

TEST_F(ApiTunesTest, TuningAndStoppingWantTheToken) {
  EXPECT_EQ(ask(request("POST", kTunes, "", R"({"why": "x"})")).status, 401);
  EXPECT_EQ(ask(request("POST", "/api/v1/tunes/1/stop", "", R"({"why": "x"})")).status, 401);
  EXPECT_EQ(operations_.audit(100, 1)->size(), 0U);
}

TEST_F(ApiTunesTest, StoppingIsKeptInTheAuditLog) {
  EXPECT_EQ(change("POST", "/api/v1/tunes/1/stop", R"({"why": "enough"})").status, 200);
  EXPECT_EQ(operations_.audit(100, 1)->front().action, "tune_stopped");
}

TEST_F(ApiTunesTest, NoReasonHoldsALiteral) {
  submit({{"workload", "SELECT 1"}, {"budget_s", 90}, {"why", "a test"}});
  EXPECT_THAT(get("/api/v1/tunes/1/report").body,
              AllOf(HasSubstr("no such value"), Not(HasSubstr("secret"))));
  EXPECT_THAT(get("/api/v1/tunes/1").body, Not(HasSubstr("literal")));
}

TEST_F(ApiTunesTest, TheSystemSaysWhatIsDueAndHowTheServerFares) {
  const auto system = json::parse(get("/api/v1/system").body);
  const auto& job = system.at("jobs").at(0);
  EXPECT_EQ(job.at("name"), "telemetry_cleaning");
  EXPECT_TRUE(job.at("last").is_null());
  EXPECT_TRUE(job.at("next").is_string());
  bool found = false;
  for (const auto& gauge : system.at("gauges"))
    found |= gauge.at("name") == "postgresql_connections" && gauge.at("limit") == 100;
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace hintd::dashboard
