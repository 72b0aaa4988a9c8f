#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/query_template.h"
#include "dashboard/api.h"
#include "dashboard/gzip.h"
#include "json_schema.h"
#include "serving_dashboard.h"

namespace hintd::dashboard {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ApiTest : public ServingDashboard {
 protected:
  test::Answer change(const std::string& method, const std::string& target,
                      const json& body) const {
    return ServingDashboard::change(method, target, body.dump());
  }
  json ok(const std::string& target) const {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
    return json::parse(answer.body);
  }
  std::vector<std::string> all_templates(const std::string& sort) const {
    std::vector<std::string> names;
    std::string after;
    do {
      const auto page = ok("/api/v1/templates?limit=3&sort=" + sort + after);
      for (const auto& item : page.at("items")) names.push_back(item.at("id"));
      after = page.at("next").is_null() ? "" : "&after=" + page.at("next").get<std::string>();
    } while (!after.empty());
    return names;
  }
};

std::string filled(std::string path) {
  const auto fill = [&](const std::string& part, const std::string& value) {
    if (const auto at = path.find(part); at != std::string::npos)
      path.replace(at, part.size(), value);
  };
  fill("/templates/{id}", "/templates/0000000000000001");
  fill("{id}", "1");
  return path;
}

// A body that fits the schema.
json body_for(const std::string& schema) {
  if (schema == "Order") return {{"order", "banned"}, {"why", "a test"}};
  if (schema == "PolicyDecision") return {{"action", "approve"}, {"why", "a test"}};
  if (schema == "Statement") return {{"sql", "SELECT 1"}};
  if (schema == "Workload") return {{"workload", "SELECT 1"}, {"budget_s", 60}, {"why", "a test"}};
  if (schema == "Mode") return {{"mode", "advise"}, {"why", "a test"}};
  return {{"on", false}, {"why", "a test"}};
}

TEST_F(ApiTest, EveryRouteAnswersAsTheDocumentSays) {
  const auto document = ok("/api/v1/openapi.json");
  EXPECT_EQ(document.at("openapi"), "3.0.3");
  for (const auto& route : api_routes()) {
    std::string method = route.method;
    for (auto& c : method) c = static_cast<char>(std::tolower(c));
    const auto& operation = document.at("paths").at(route.path).at(method);
    if (std::string_view(route.answers).empty()) continue;  // the stream has tests of its own
    const auto answer = method == "get"
                            ? get(filled(route.path))
                            : change(route.method, filled(route.path), body_for(route.body));
    ASSERT_EQ(answer.status, 200) << route.path << " " << answer.body;
    const auto& schema =
        operation.at("responses").at("200").at("content").at("application/json").at("schema");
    EXPECT_EQ(test::misfit(document, schema, json::parse(answer.body)), "") << route.path;
    if (method != "get") {
      EXPECT_TRUE(operation.contains("security")) << route.path;
      EXPECT_EQ(ask(request(route.method, filled(route.path), "", "{}")).status, 401);
    }
  }
}

TEST_F(ApiTest, TheDocumentNamesNothingElse) {
  const auto document = ok("/api/v1/openapi.json");
  std::size_t operations = 0;
  for (const auto& [path, methods] : document.at("paths").items()) operations += methods.size();
  EXPECT_EQ(operations, api_routes().size());
}

TEST_F(ApiTest, ProblemsFitTheDocumentToo) {
  const auto document = ok("/api/v1/openapi.json");
  for (const auto* target :
       {"/api/v1/nothing", "/api/v1/templates/xyz", "/api/v1/templates/00000000000000ff",
        "/api/v1/templates?sort=beauty", "/api/v1/templates?limit=0", "/api/v1/templates?after=x",
        "/api/v1/events?before=x", "/api/v1/policies/99"}) {
    const auto answer = get(target);
    EXPECT_GE(answer.status, 400) << target;
    EXPECT_LT(answer.status, 500) << target;
    EXPECT_EQ(test::misfit(document, {{"$ref", "#/components/schemas/Problem"}},
                           json::parse(answer.body)),
              "");
  }
  const auto answer = change("PUT", "/api/v1/summary", {{"why", "x"}});
  EXPECT_EQ(answer.status, 405);
  EXPECT_THAT(answer.head, HasSubstr("Allow: GET"));
}

TEST_F(ApiTest, PagesOfTemplatesHoldEachOnce) {
  for (const auto* sort : {"total_ms", "saved_ms", "ratio", "queries", "p95_ms", "name"}) {
    const auto names = all_templates(sort);
    EXPECT_EQ(names.size(), 8U) << sort;
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), 8U) << sort;
  }
}

TEST_F(ApiTest, TemplatesAreFoundByNameAndState) {
  EXPECT_EQ(ok("/api/v1/templates?q=template_3").at("count"), 1);
  EXPECT_EQ(ok("/api/v1/templates?q=no%20such").at("count"), 0);
  const auto verified = ok("/api/v1/templates?state=verified");
  for (const auto& item : verified.at("items")) EXPECT_EQ(item.at("state"), "verified");
  EXPECT_EQ(verified.at("count"), ok("/api/v1/summary").at("templates").at("verified"));
}

TEST_F(ApiTest, AnOrderShowsAtOnce) {
  EXPECT_EQ(change("PUT", "/api/v1/templates/0000000000000002/order",
                   {{"order", "banned"}, {"why", "slow on Mondays"}})
                .status,
            200);
  const auto shown = ok("/api/v1/templates/0000000000000002");
  EXPECT_EQ(shown.at("state"), "banned");
  EXPECT_EQ(shown.at("ordered").at("why"), "slow on Mondays");
  EXPECT_EQ(ok("/api/v1/audit").at("items").at(0).at("detail"), "slow on Mondays");
}

TEST_F(ApiTest, WhatHasNotChangedIsNotSentAgain) {
  const auto first = get("/api/v1/openapi.json");
  const auto at = first.head.find("ETag: ") + 6;
  const auto etag = first.head.substr(at, first.head.find("\r\n", at) - at);
  const auto again = get("/api/v1/openapi.json", "If-None-Match: " + etag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_F(ApiTest, AnswersAreCompressedWhereThatIsWanted) {
  const auto plain = get("/api/v1/summary");
  const auto packed = get("/api/v1/summary", "Accept-Encoding: gzip\r\n");
  EXPECT_THAT(packed.head, HasSubstr("Content-Encoding: gzip"));
  EXPECT_EQ(gunzip(packed.body), plain.body);
  EXPECT_LT(packed.body.size(), plain.body.size());
}

TEST_F(ApiTest, TheReportIsTheOneThatIsPrinted) {
  const auto report = ok("/api/v1/report");
  const auto summary = ok("/api/v1/summary");
  EXPECT_EQ(report.at("queries"), summary.at("queries"));
  EXPECT_EQ(report.at("failures"), summary.at("failures"));
  EXPECT_THAT(get("/api/v1/report?format=text").body, HasSubstr("600 queries, 0 failed"));
}

TEST_F(ApiTest, ThePageAndTheReportShowTheSameFigures) {
  for (const std::string range : {"all", "1h", "24h", "7d", "30d"}) {
    const auto traffic = ok("/api/v1/traffic?range=" + range);
    const auto report = ok("/api/v1/report?range=" + range);
    EXPECT_EQ(report.at("traffic"), traffic) << range;
    EXPECT_GT(traffic.at("queries"), 0) << range;
    const auto templates = ok("/api/v1/templates?range=" + range);
    ASSERT_EQ(report.at("busiest").size(), templates.at("items").size()) << range;
    for (std::size_t i = 0; i < templates.at("items").size(); ++i) {
      const auto& listed = templates.at("items")[i];
      const auto& reported = report.at("busiest")[i];
      EXPECT_EQ(listed.at("name"), reported.at("name")) << range;
      EXPECT_EQ(listed.at("queries"), reported.at("queries")) << range;
      EXPECT_EQ(listed.at("hinted"), reported.at("hinted")) << range;
    }
  }
  const auto whole = ok("/api/v1/traffic");
  EXPECT_LT(ok("/api/v1/traffic?range=24h").at("queries"), whole.at("queries"));
  const auto summary = ok("/api/v1/summary");
  EXPECT_EQ(summary.at("queries"), whole.at("queries"));
  EXPECT_EQ(summary.at("hinted"), whole.at("hinted"));
  const auto phases = ok("/api/v1/report").at("phases");
  for (std::size_t i = 0; i < phases.size(); ++i) {
    EXPECT_EQ(summary.at("phases")[i].at("queries"), phases[i].at("queries"));
  }
}

TEST_F(ApiTest, ARangeThatIsNoneIsRefused) {
  for (const auto* path : {"traffic", "series", "templates", "report", "safety/series"})
    EXPECT_EQ(get(std::string("/api/v1/") + path + "?range=1y").status, 400) << path;
}

TEST_F(ApiTest, AListIsExportedWholeHoweverLong) {
  constexpr int kMore = 1200;
  for (int i = 0; i < kMore; ++i)
    writer_->record(SafetyEvent{TimePoint{}, "deadline_passed", 0, std::to_string(i)});
  ASSERT_TRUE(writer_->flush());
  const auto events = ok("/api/v1/events?limit=all");
  ASSERT_TRUE(events.is_array());
  EXPECT_EQ(events.size(), kMore + 3U);
  std::set<int> ids;
  for (const auto& event : events) ids.insert(event.at("id").get<int>());
  EXPECT_EQ(ids.size(), events.size());
  const auto csv = get("/api/v1/events?format=csv").body;
  EXPECT_EQ(std::ranges::count(csv, '\n'), kMore + 3 + 1);
  EXPECT_EQ(ok("/api/v1/events?limit=all&name=server_lost").size(), 1U);
}

TEST_F(ApiTest, SafetyOverTimeCountsEveryEvent) {
  const auto series = ok("/api/v1/safety/series");
  std::int64_t events = 0;
  for (const auto& count : series.at("columns").at("events")) events += count.get<std::int64_t>();
  EXPECT_EQ(events, ok("/api/v1/summary").at("safety").at("events"));
  EXPECT_EQ(series.at("marks").back().at("kind"), "anchor");
}

TEST_F(ApiTest, EventsAreExportedAsCsv) {
  const auto answer = get("/api/v1/events?format=csv");
  EXPECT_THAT(answer.head, HasSubstr("text/csv"));
  EXPECT_THAT(answer.body, testing::StartsWith("id,time,name,template,template_name,detail\r\n"));
  EXPECT_THAT(answer.body, HasSubstr("deadline_passed"));
}

TEST_F(ApiTest, ACsvCellIsNoFormula) {
  change("PUT", "/api/v1/hints", {{"on", true}, {"why", "=1+1, \"really\""}});
  EXPECT_THAT(get("/api/v1/audit?format=csv").body, HasSubstr("\"'=1+1, \"\"really\"\"\""));
}

TEST_F(ApiTest, AnEventReachesTheStream) {
  test::HttpClient client(port_);
  ASSERT_TRUE(client.send(request("GET", "/api/v1/stream")));
  EXPECT_THAT(client.read_until("event: summary"), HasSubstr("text/event-stream"));
  writer_->record(SafetyEvent{TimePoint{}, "server_lost", 0, "a test"});
  ASSERT_TRUE(writer_->flush());
  EXPECT_THAT(client.read_until("event: event"), HasSubstr("id: "));
  EXPECT_THAT(client.read_until("\"a test\""), HasSubstr("server_lost"));
}

TEST_F(ApiTest, AStreamGoesOnWhereItStopped) {
  std::string last_id;
  {
    test::HttpClient client(port_);
    client.send(request("GET", "/api/v1/stream"));
    client.read_until("event: summary");
    writer_->record(SafetyEvent{TimePoint{}, "server_lost", 0, "first"});
    const auto text = client.read_until("\"first\"");
    const auto at = text.find("id: ") + 4;
    last_id = text.substr(at, text.find('\n', at) - at);
    writer_->record(SafetyEvent{TimePoint{}, "server_found", 0, "second"});
    client.read_until("\"second\"");
  }
  test::HttpClient again(port_);
  again.send(request("GET", "/api/v1/stream", "Last-Event-ID: " + last_id + "\r\n"));
  const auto text = again.read_until("\"second\"");
  EXPECT_THAT(text, HasSubstr("server_found"));
  EXPECT_EQ(text.find("\"first\""), text.rfind("\"first\"")) << "within the summary alone";

  test::HttpClient stranger(port_);
  stranger.send(request("GET", "/api/v1/stream", "Last-Event-ID: 1-1\r\n"));
  EXPECT_THAT(stranger.read_until("event: reset"), HasSubstr("event: reset"));
}

TEST_F(ApiTest, MetricsKeepPrometheusConventions) {
  const auto text = get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("# TYPE hintd_statement_duration_seconds histogram\n"));
  EXPECT_THAT(text,
              HasSubstr("hintd_statement_duration_seconds_bucket{plan=\"hinted\",le=\"+Inf\"}"));
  EXPECT_THAT(text, HasSubstr("hintd_safety_events_total{name=\"deadline_passed\"} 2\n"));
  EXPECT_EQ(text.find("SELECT"), std::string::npos);
}

TEST_F(ApiTest, ItIsReadyOnceTheHistoryIsRead) {
  EXPECT_EQ(get("/healthz").body, "ok\n");
  while (get("/readyz").status != 200) {
  }
  EXPECT_EQ(ok("/api/v1/summary").at("history_read"), 1.0);
}

TEST_F(ApiTest, AFileAloneIsLookedAtOnly) {
  server_.reset();
  auto server = WebServer::start({config_, file(), folder_.path()}, nullptr);
  ASSERT_TRUE(server) << server.error().text();
  port_ = std::stoi((*server)->address().substr((*server)->address().rfind(':') + 1));
  EXPECT_TRUE(ok("/api/v1/summary").at("status").is_null());
  EXPECT_EQ(change("PUT", "/api/v1/hints", {{"on", false}, {"why", "x"}}).status, 409);
}

}  // namespace
}  // namespace hintd::dashboard
