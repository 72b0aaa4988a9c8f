#include "dashboard/api_reads.h"

#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "dashboard/api_parameters.h"
#include "dashboard/gzip.h"
#include "dashboard/json_text.h"
#include "dashboard/list_file.h"
#include "dashboard/report_html.h"
#include "dashboard/summary_json.h"
#include "dashboard/template_json.h"
#include "telemetry/redact.h"
#include "telemetry/report_json.h"
#include "telemetry/report_text.h"

namespace hintd::dashboard {
namespace {

constexpr auto kHeartbeat = std::chrono::seconds(10);
constexpr std::size_t kWorthPacking = 1024;
constexpr std::size_t kLogLines = 200;

HttpResponse prepared_answer(const PreparedAnswer& prepared, const HttpRequest& request) {
  HttpResponse response;
  response.headers = {{"ETag", prepared.etag}, {"Cache-Control", "no-cache"}};
  if (request.header("if-none-match") == prepared.etag) {
    response.status = 304;
    return response;
  }
  response.body = prepared.body;
  response.gzip = prepared.gzip;
  return response;
}

HttpResponse json_answer(Result<std::string> json, const HttpRequest& request) {
  if (!json) return problem_of(json.error());
  if (json->size() >= kWorthPacking) return prepared_answer(prepare(std::move(*json)), request);
  auto response = answer(std::move(*json));
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

Json next_of(const Json& items, std::int64_t limit, const char* key) {
  const bool full = static_cast<std::int64_t>(items.size()) == limit;
  return full ? Json(std::to_string(items.back()[key].get<std::int64_t>())) : Json(nullptr);
}

// A page of a list, or the whole of it as a file; `key` is what its objects are numbered by.
template <class PageOf>
HttpResponse list_answer(const HttpRequest& request, const char* name, const char* key,
                         PageOf page_of) {
  const auto& format = request.parameter("format");
  if (request.parameter("limit") == "all" || format == "csv")
    return list_file({name, format == "csv",
                      [page_of](std::int64_t before) { return page_of(before, kListFilePage); },
                      key});
  const auto limit = limit_of(request);
  const auto before = before_of(request);
  if (!limit || !before) return problem_of(limit ? before.error() : limit.error());
  const auto items = page_of(*before, *limit);
  if (!items) return problem_of(items.error());
  return json_answer(text_of({{"items", *items}, {"next", next_of(*items, *limit, key)}}), request);
}

Json plan_json(const PlanNode& node, bool show_literals) {
  auto children = Json::array();
  for (const auto& child : node.children) children.push_back(plan_json(child, show_literals));
  return {{"type", node.type},
          {"join_type", node.join_type},
          {"strategy", node.strategy},
          {"relation", node.relation},
          {"index", node.index},
          {"detail", show_literals ? node.detail : ""},
          {"rows", figure(node.rows)},
          {"actual_rows", node.actual_rows ? figure(*node.actual_rows) : Json(nullptr)},
          {"cost", figure(node.total_cost)},
          {"children", children}};
}

Json embedded(const std::string& text) {
  auto json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

Json anchors_of(const ApiParts& parts) {
  auto anchors =
      parts.operations == nullptr ? Json(nullptr) : embedded(parts.operations->anchors_json());
  return anchors.is_null() ? Json::array() : anchors;
}

Json policies_json(const ApiParts& parts) {
  auto list = Json::array();
  if (parts.operations == nullptr) return list;
  const auto policies = parts.operations->policies();
  if (!policies) return list;
  for (const auto& policy : *policies)
    list.push_back({{"id", policy.id},
                    {"parent", policy.parent},
                    {"state", policy.state},
                    {"banned", policy.banned},
                    {"deployed", policy.deployed},
                    {"made", time_json(policy.made)},
                    {"templates", policy.templates},
                    {"steered", policy.steered},
                    {"why", policy.why},
                    {"evidence", embedded(policy.evidence)}});
  return list;
}

Json level0_json(const LiveView& view) {
  Json columns = {{"step", Json::array()},
                  {"loss", Json::array()},
                  {"epsilon", Json::array()},
                  {"q_spread", Json::array()}};
  const auto first_run = view.feed.run().first;
  if (const auto points = view.history.training(first_run))
    for (const auto& point : *points) {
      columns["step"].push_back(point.step);
      columns["loss"].push_back(figure(point.loss));
      columns["epsilon"].push_back(figure(point.epsilon));
      columns["q_spread"].push_back(figure(point.q_spread));
    }
  const auto last = view.history.last_training(first_run);
  return {{"columns", columns},
          {"replay_size", last && *last ? Json((*last)->replay_size) : Json(nullptr)}};
}

Json published_json(const LiveView& view) {
  auto list = Json::array();
  if (const auto policies = view.history.policies(view.feed.run().first))
    for (const auto& policy : *policies)
      list.push_back({{"time", time_json(policy.time)},
                      {"version", policy.version},
                      {"templates", policy.templates},
                      {"steered", policy.steered}});
  return list;
}

std::string period_text(Seconds every) {
  const auto minutes = static_cast<std::int64_t>(every.count()) / 60;
  if (minutes < 60) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h";
}

// What hintd does by itself: when each thing was done and is due, then what telemetry last told.
Json jobs_json(const LiveView& view, const std::vector<JobTimes>& jobs) {
  auto list = Json::array();
  const auto add = [&list](const std::string& name, Json last, Json next, std::string detail) {
    list.push_back({{"name", name},
                    {"last", std::move(last)},
                    {"next", std::move(next)},
                    {"detail", std::move(detail)}});
  };
  for (const auto& job : jobs)
    add(job.name, job.last ? time_json(*job.last) : Json(nullptr), time_json(job.next),
        "every " + period_text(job.every));
  const auto first_run = view.feed.run().first;
  const auto policies = view.history.policies(first_run);
  if (policies && !policies->empty())
    add("policy_published", time_json(policies->back().time), nullptr,
        "version " + std::to_string(policies->back().version));
  const auto failed = view.history.events({first_run, std::nullopt, 20}, "job_failed");
  if (failed)
    for (const auto& event : *failed) add(event.name, time_json(event.time), nullptr, event.detail);
  return list;
}

}  // namespace

std::string explanation_json(const Explanation& explanation, bool show_literals) {
  return text_of({{"template", fingerprint_text(explanation.fingerprint)},
                  {"normalized", explanation.normalized},
                  {"arm", explanation.arm},
                  {"reason", explanation.reason},
                  {"policy_version", explanation.policy_version},
                  {"patience_ms", figure(explanation.patience_ms)},
                  {"set_sql", explanation.set_sql},
                  {"default_plan", plan_json(explanation.default_plan.root, show_literals)},
                  {"arm_plan", plan_json(explanation.arm_plan.root, show_literals)}});
}

HttpResponse get_summary(const ApiParts& parts, const HttpRequest& request) {
  return prepared_answer(*parts.store.summary(), request);
}

HttpResponse get_traffic(const ApiParts& parts, const HttpRequest& request) {
  const auto range = range_of(request);
  if (!range) return problem_of(range.error());
  return json_answer(parts.store.look([&](const LiveView& view) {
    return telemetry::traffic_json(telemetry::traffic_report(view.feed.ledger(), *range));
  }),
                     request);
}

HttpResponse get_series(const ApiParts& parts, const HttpRequest& request) {
  const auto range = range_of(request);
  if (!range) return problem_of(range.error());
  return json_answer(
      parts.store.look([&](const LiveView& view) { return series_json(view, *range); }), request);
}

HttpResponse get_templates(const ApiParts& parts, const HttpRequest& request) {
  const auto limit = limit_of(request);
  const auto range = range_of(request);
  if (!limit || !range) return problem_of(limit ? range.error() : limit.error());
  TemplateQuery query;
  query.range = *range;
  if (!request.parameter("sort").empty()) query.sort = request.parameter("sort");
  query.ascending = request.parameter("order") == "asc";
  query.words = request.parameter("q");
  query.state = request.parameter("state");
  query.after = request.parameter("after");
  query.limit = static_cast<std::size_t>(*limit);
  return json_answer(
      parts.store.look([&](const LiveView& view) { return templates_json(view, query); }), request);
}

HttpResponse get_template(const ApiParts& parts, const HttpRequest& request) {
  const auto id = fingerprint_from(request.parts.at("id"));
  if (!id) return problem_of(id.error());
  return json_answer(
      parts.store.look([&](const LiveView& view) { return template_json(view, *id); }), request);
}

HttpResponse get_template_plans(const ApiParts& parts, const HttpRequest& request) {
  const auto id = fingerprint_from(request.parts.at("id"));
  if (!id) return problem_of(id.error());
  if (parts.operations == nullptr)
    return problem(409, "Conflict", "no hintd runs here that could ask PostgreSQL for plans");
  const auto explained = parts.operations->explain_template(*id);
  if (!explained) return problem_of(explained.error());
  return json_answer(explanation_json(*explained, parts.show_literals), request);
}

HttpResponse get_learning(const ApiParts& parts, const HttpRequest& request) {
  const auto policies = policies_json(parts);
  const auto meta =
      parts.operations == nullptr ? Json(nullptr) : embedded(parts.operations->meta_json());
  return json_answer(parts.store.look([&](const LiveView& view) {
    return text_of({{"level0", level0_json(view)},
                    {"published", published_json(view)},
                    {"level1", {{"policies", policies}}},
                    {"level2", meta}});
  }),
                     request);
}

HttpResponse get_policy(const ApiParts& parts, const HttpRequest& request) {
  const auto id = number_from("id", request.parts.at("id"), 0, 4'000'000'000);
  if (!id) return problem_of(id.error());
  if (parts.operations == nullptr) return problem(404, "Not Found", "no hintd runs here");
  return json_answer(parts.operations->policy_text(static_cast<std::uint32_t>(*id)), request);
}

HttpResponse get_events(const ApiParts& parts, const HttpRequest& request) {
  return list_answer(request, "hintd-events", "id",
                     [&store = parts.store, name = request.parameter("name")](
                         std::int64_t before, std::int64_t limit) -> Result<Json> {
                       HINTD_TRY(const auto events, store.look([&](const LiveView& view) {
                         return view.history.events({view.feed.run().first, before, limit}, name);
                       }));
                       auto items = Json::array();
                       for (const auto& event : events)
                         items.push_back(Json::parse(event_json(event)));
                       return items;
                     });
}

HttpResponse get_audit(const ApiParts& parts, const HttpRequest& request) {
  return list_answer(
      request, "hintd-audit", "line",
      [operations = parts.operations](std::int64_t before, std::int64_t limit) -> Result<Json> {
        auto items = Json::array();
        if (operations == nullptr) return items;
        HINTD_TRY(const auto entries, operations->audit(before, static_cast<std::size_t>(limit)));
        for (const auto& entry : entries)
          items.push_back({{"line", entry.line},
                           {"time", time_json(entry.time)},
                           {"actor", entry.actor},
                           {"action", entry.action},
                           {"subject", entry.subject},
                           {"detail", entry.detail}});
        return items;
      });
}

HttpResponse get_anchors(const ApiParts& parts, const HttpRequest& request) {
  auto anchors = anchors_of(parts);
  for (auto& anchor : anchors) {
    anchor["until"] = time_json(time_point(anchor["until_us"]));
    anchor.erase("until_us");
  }
  return json_answer(text_of({{"items", anchors}}), request);
}

HttpResponse get_safety_series(const ApiParts& parts, const HttpRequest& request) {
  const auto range = range_of(request);
  if (!range) return problem_of(range.error());
  const auto anchors = anchors_of(parts);
  return json_answer(parts.store.look([&](const LiveView& view) {
    return safety_series_json(view, *range, anchors);
  }),
                     request);
}

HttpResponse get_system(const ApiParts& parts, const HttpRequest& request) {
  auto gauges = Json::array();
  auto log = Json::array();
  std::vector<JobTimes> jobs;
  if (parts.operations != nullptr) {
    jobs = parts.operations->jobs();
    for (const auto& source :
         {parts.operations->status().gauges, parts.operations->server_gauges()})
      for (const auto& gauge : source)
        gauges.push_back({{"name", gauge.name},
                          {"value", figure(gauge.value)},
                          {"limit", gauge.limit > 0 ? figure(gauge.limit) : Json(nullptr)}});
    for (const auto& line : parts.operations->log_tail(kLogLines))
      log.push_back(parts.show_literals ? line : telemetry::without_literals(line));
  }
  const auto cache = parts.reports.counts();
  for (const auto& [name, value] : {std::pair{"report_cache_hits", cache.hits},
                                    {"report_cache_misses", cache.misses},
                                    {"report_cache_bytes", static_cast<std::int64_t>(cache.bytes)}})
    gauges.push_back({{"name", name}, {"value", value}, {"limit", nullptr}});
  return json_answer(parts.store.look([&](const LiveView& view) {
    const auto size = view.history.size();
    const auto& run = view.feed.run();
    return text_of({{"server_version", run.server_version},
                    {"store",
                     {{"bytes", size ? Json(size->bytes) : Json(nullptr)},
                      {"free_bytes", size ? Json(size->free_bytes) : Json(nullptr)},
                      {"rows", view.feed.ledger().last_id()},
                      {"events", run.events},
                      {"dropped", run.dropped},
                      {"failed_batches", run.failed_batches}}},
                    {"gauges", gauges},
                    {"jobs", jobs_json(view, jobs)},
                    {"log", log}});
  }),
                     request);
}

HttpResponse get_report(const ApiParts& parts, const HttpRequest& request) {
  const auto range = range_of(request);
  if (!range) return problem_of(range.error());
  const auto& format = request.parameter("format");
  const auto rendered = [&](const telemetry::Reports::Render& render) {
    return parts.reports.get(format, *range, render);
  };
  if (format != "text" && format != "html")
    return json_answer(rendered(telemetry::report_json), request);
  const bool text = format == "text";
  auto report = rendered([&](const telemetry::Report& made) {
    return text ? telemetry::report_text(made) : report_html(made);
  });
  if (!report) return problem_of(report.error());
  return answer(std::move(*report),
                text ? "text/plain; charset=utf-8" : "text/html; charset=utf-8");
}

HttpResponse get_stream(const ApiParts& parts, const HttpRequest& request) {
  HttpResponse response;
  response.type = "text/event-stream";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  auto cursor = std::make_shared<EventHub::Cursor>(parts.hub, request.header("last-event-id"));
  response.stream = [cursor] { return cursor->next(kHeartbeat); };
  return response;
}

HttpResponse get_openapi(const ApiParts&, const HttpRequest& request) {
  return json_answer(openapi_json(), request);
}

}  // namespace hintd::dashboard
