#include "dashboard/api.h"

#include <algorithm>

#include "dashboard/api_changes.h"
#include "dashboard/api_reads.h"
#include "dashboard/api_tunes.h"

namespace hintd::dashboard {
namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) parts.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  const auto wanted = parts_of(pattern);
  const auto given = parts_of(path);
  if (wanted.size() != given.size()) return std::nullopt;
  std::map<std::string, std::string> found;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{'))
      found.emplace(wanted[i].substr(1, wanted[i].size() - 2), given[i]);
    else if (wanted[i] != given[i])
      return std::nullopt;
  }
  return found;
}

std::vector<ApiParameter> list_parameters(std::vector<ApiParameter> more = {}) {
  more.push_back({"limit", "items a page, 1 to 500; default 50"});
  return more;
}

const ApiParameter kRange = {
    "range", "1h, 24h, 7d, 30d or all, back from the newest statement; default all"};
const ApiParameter kFormat = {
    "format", "csv: the whole list as a file; json: a page, or with limit=all a file too"};

std::vector<ApiRoute> make_routes() {
  return {
      {"GET",
       "/api/v1/summary",
       "Is it helping: the figures of the overview",
       {},
       "",
       "Summary",
       get_summary},
      {"GET",
       "/api/v1/traffic",
       "Is it helping, in a range of time: what reports show too",
       {kRange},
       "",
       "Traffic",
       get_traffic},
      {"GET",
       "/api/v1/series",
       "The same over time, as columns",
       {kRange},
       "",
       "Series",
       get_series},
      {"GET", "/api/v1/templates", "Templates, a page at a time",
       list_parameters({{"sort", "total_ms, saved_ms, ratio, queries, p95_ms or name"},
                        {"order", "asc or desc; default desc"},
                        {"q", "words in name, class or text"},
                        kRange,
                        {"state", "observed, exploring, verified, pinned, banned or rolled_back"},
                        {"after", "next of the page before"}}),
       "", "TemplatePage", get_templates},
      {"GET",
       "/api/v1/templates/{id}",
       "One template: text, latencies, evidence, decisions",
       {},
       "",
       "Template",
       get_template},
      {"GET",
       "/api/v1/templates/{id}/plans",
       "Its default plan and the one under its hint, from EXPLAIN",
       {},
       "",
       "Explanation",
       get_template_plans},
      {"PUT",
       "/api/v1/templates/{id}/order",
       "Pin, ban or roll back a template, or take that back",
       {},
       "Order",
       "Done",
       put_order},
      {"GET", "/api/v1/learning", "Levels 0, 1 and 2", {}, "", "Learning", get_learning},
      {"GET",
       "/api/v1/policies/{id}",
       "A policy version, as it can be imported again",
       {},
       "",
       "Policy",
       get_policy},
      {"POST",
       "/api/v1/policies/{id}/decisions",
       "Approve, reject, ban, deploy, pin, unpin or roll back a policy version",
       {},
       "PolicyDecision",
       "Done",
       post_policy_decision},
      {"GET", "/api/v1/events", "Safety events, newest first",
       list_parameters({{"name", "of the events"}, {"before", "next of the page before"}, kFormat}),
       "", "EventPage", get_events},
      {"GET", "/api/v1/audit", "Who changed what, when and why, newest first",
       list_parameters({{"before", "next of the page before"}, kFormat}), "", "AuditPage",
       get_audit},
      {"GET",
       "/api/v1/safety/series",
       "Safety events over time, with policies and anchors marked",
       {kRange},
       "",
       "SafetySeries",
       get_safety_series},
      {"GET", "/api/v1/anchors", "Pinned baselines", {}, "", "Anchors", get_anchors},
      {"GET",
       "/api/v1/system",
       "Resources, queues, the store, the log's tail",
       {},
       "",
       "System",
       get_system},
      {"GET",
       "/api/v1/report",
       "What `hintd report --format json` prints",
       {{"format", "json, text or html"}, kRange},
       "",
       "Report",
       get_report},
      {"POST",
       "/api/v1/explain",
       "What a statement would run under, and why",
       {},
       "Statement",
       "Explanation",
       post_explain},
      {"POST",
       "/api/v1/tunes",
       "Tune a workload, as `hintd tune` does: find and prove better plans within a budget",
       {},
       "Workload",
       "TuneRun",
       post_tune},
      {"GET", "/api/v1/tunes", "Tuning runs, newest first", {}, "", "TuneRuns", get_tunes},
      {"GET", "/api/v1/tunes/{id}", "How far a tuning run is", {}, "", "TuneRun", get_tune},
      {"GET",
       "/api/v1/tunes/{id}/report",
       "What it found, statement by statement",
       {},
       "",
       "TuneReport",
       get_tune_report},
      {"GET",
       "/api/v1/tunes/{id}/policy",
       "What it proved, with its evidence: policy.json of `hintd tune`",
       {},
       "",
       "Policy",
       get_tune_policy},
      {"POST",
       "/api/v1/tunes/{id}/stop",
       "End a tuning run; what it confirmed is kept",
       {},
       "Reason",
       "Done",
       post_tune_stop},
      {"PUT", "/api/v1/mode", "observe, advise or steer", {}, "Mode", "Done", put_mode},
      {"POST",
       "/api/v1/settings/reload",
       "Reads the settings again, as SIGHUP does",
       {},
       "Reason",
       "ReloadedSettings",
       post_reload},
      {"PUT", "/api/v1/hints", "The kill switch", {}, "Hints", "Done", put_hints},
      {"GET",
       "/api/v1/stream",
       "Server-sent events: summary, event, reset",
       {},
       "",
       "",
       get_stream},
      {"GET", "/api/v1/openapi.json", "This document", {}, "", "OpenApi", get_openapi},
  };
}

}  // namespace

const std::vector<ApiRoute>& api_routes() {
  static const auto kRoutes = make_routes();
  return kRoutes;
}

HttpResponse problem_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kInvalidInput:
    case ErrorKind::kQuery:
      return problem(400, "Bad Request", error.text());
    case ErrorKind::kNotFound:
      return problem(404, "Not Found", error.text());
    case ErrorKind::kConflict:
      return problem(409, "Conflict", error.text());
    case ErrorKind::kUnavailable:
    case ErrorKind::kTimeout:
      return problem(503, "Service Unavailable", error.text());
    default:
      return problem(500, "Internal Server Error", error.text());
  }
}

HttpResponse handle_api(const ApiParts& parts, const HttpRequest& request) {
  std::string allowed;
  for (const auto& route : api_routes()) {
    auto found = match(route.path, request.path);
    if (!found) continue;
    if (request.method == route.method) {
      auto with_parts = request;
      with_parts.parts = std::move(*found);
      return route.handle(parts, with_parts);
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty())
    return problem(404, "Not Found",
                   "there is no " + request.path + "; /api/v1/openapi.json names what there is");
  auto refusal = problem(405, "Method Not Allowed", "use " + allowed);
  refusal.headers.emplace_back("Allow", allowed);
  return refusal;
}

}  // namespace hintd::dashboard
