#include <nlohmann/json.hpp>

#include "serving_dashboard.h"

namespace hintd::dashboard {
namespace {

using ApiReloadTest = ServingDashboard;

TEST_F(ApiReloadTest, ReloadingAnswersWhatChangedAndWhatWaitsForARestart) {
  const auto answer = change("POST", "/api/v1/settings/reload", R"({"why": "more log"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = nlohmann::json::parse(answer.body);
  EXPECT_EQ(json["changed"], nlohmann::json::array({"log.level"}));
  EXPECT_EQ(json["need_restart"], nlohmann::json::array({"proxy.listen"}));
  EXPECT_EQ(operations_.audit(100, 1)->front().action, "reload");
}

TEST_F(ApiReloadTest, ReloadingWantsTheTokenAndAReason) {
  EXPECT_EQ(ask(request("POST", "/api/v1/settings/reload", "", R"({"why": "x"})")).status, 401);
  EXPECT_EQ(change("POST", "/api/v1/settings/reload", "{}").status, 400);
}

TEST_F(ApiReloadTest, AReportThatWasGivenIsGivenAgainAndCounted) {
  const auto first = get("/api/v1/report?format=text");
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(get("/api/v1/report?format=text").body, first.body);
  const auto system = nlohmann::json::parse(get("/api/v1/system").body);
  std::map<std::string, double> gauges;
  for (const auto& gauge : system["gauges"]) gauges[gauge["name"]] = gauge["value"];
  EXPECT_EQ(gauges["report_cache_misses"], 1);
  EXPECT_EQ(gauges["report_cache_hits"], 1);
}

}  // namespace
}  // namespace hintd::dashboard
