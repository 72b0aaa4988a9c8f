#include "dashboard/summary_json.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "dashboard/json_text.h"
#include "dashboard/template_state.h"

namespace hintd::dashboard {
namespace {

using telemetry::Saved;
using telemetry::TrafficCell;

constexpr std::size_t kBuckets = 240;
constexpr std::array<const char*, 4> kDemoPhases = {"baseline", "learning", "optimised",
                                                    "evaluation"};

std::string_view mode_name(Mode mode) {
  constexpr std::array<std::string_view, 3> kNames = {"observe", "advise", "steer"};
  return kNames[static_cast<std::size_t>(mode)];
}

Json saved_json(const Saved& saved) {
  return {{"ms", figure(saved.ms)},
          {"half_width_ms", figure(saved.half_width())},
          {"share", saved.default_ms > 0 ? figure(saved.ms / saved.default_ms) : Json(nullptr)},
          {"compared", saved.compared},
          {"left_out", saved.left_out}};
}

Json run_json(const LiveView& view) {
  const auto& run = view.feed.run();
  return {{"id", run.last},
          {"command", run.command},
          {"server_version", run.server_version},
          {"outcome", run.outcome},
          {"started", time_json(run.started)},
          {"now", time_json(view.feed.ledger().last_time())},
          {"duration_days", figure(run.duration_days)}};
}

Json status_json(const LiveView& view) {
  if (view.status == nullptr) return nullptr;
  const auto& status = *view.status;
  return {{"mode", mode_name(status.mode)},
          {"hints_on", status.hints_on},
          {"policy_version", status.policy_version},
          {"policy_templates", status.policy_templates},
          {"policy_steered", status.policy_steered},
          {"open_breakers", status.open_breakers},
          {"explorer_budget_s", figure(status.explorer_budget_s)},
          {"explorer_share", figure(status.explorer_share)}};
}

Json phases_json(const LiveView& view) {
  auto list = Json::array();
  const auto& run = view.feed.run();
  const auto& cells = view.feed.ledger().phases();
  for (std::size_t i = 0; i < run.phases.size(); ++i) {
    const auto& phase = run.phases[i];
    const bool over = i + 1 < run.phases.size() || !run.outcome.empty();
    const auto cell = cells.find(phase.id);
    const TrafficCell none;
    const auto& counts = cell == cells.end() ? none : cell->second;
    auto all = counts.by_default;
    all.merge(counts.hinted);
    list.push_back({{"name", phase.name},
                    {"state", over ? "done" : "active"},
                    {"started", time_json(phase.started)},
                    {"queries", counts.queries},
                    {"hinted", counts.treated},
                    {"explorer_runs", counts.explorer_runs},
                    {"latency_ms", latency_json(all)}});
  }
  if (run.command != "demo" || !run.outcome.empty()) return list;
  for (auto i = run.phases.size(); i < kDemoPhases.size(); ++i)
    list.push_back({{"name", kDemoPhases[i]}, {"state", "ahead"}});
  return list;
}

Json templates_json(const LiveView& view) {
  std::map<std::string, std::int64_t, std::less<>> counts;
  for (const auto* state : {"observed", "exploring", "verified", "pinned", "banned", "rolled_back"})
    counts[state] = 0;
  for (const auto& [id, figures] : view.feed.ledger().templates())
    ++counts[std::string(state_of(view, figures))];
  Json json = {{"count", view.feed.ledger().templates().size()}};
  for (const auto& [state, count] : counts) json[state] = count;
  return json;
}

Json safety_json(const LiveView& view) {
  const auto first_run = view.feed.run().first;
  const auto counts = view.history.event_counts(first_run);
  const auto newest = view.history.events({first_run, std::nullopt, 5});
  std::int64_t events = 0;
  std::int64_t taken_back = 0;
  Json by_name = Json::object();
  if (counts)
    for (const auto& [name, count] : *counts) {
      events += count;
      if (is_taken_back(name)) taken_back += count;
      by_name[name] = count;
    }
  auto list = Json::array();
  if (newest)
    for (const auto& event : *newest) list.push_back(Json::parse(event_json(event)));
  return {{"events", events}, {"taken_back", taken_back}, {"by_name", by_name}, {"last", list}};
}

}  // namespace

bool is_taken_back(const std::string& event) {
  constexpr std::array<const char*, 5> kTakenBack = {"arm_taken_back", "policy_taken_back",
                                                     "policy_unreadable", "template_rolled_back",
                                                     "template_banned"};
  return std::ranges::find(kTakenBack, event) != kTakenBack.end();
}

std::string event_json(const telemetry::HistoryEvent& event) {
  return text_of({{"id", event.id},
                  {"time", time_json(event.time)},
                  {"name", event.name},
                  {"template", event.fingerprint == 0 ? Json(nullptr)
                                                      : Json(fingerprint_text(event.fingerprint))},
                  {"template_name", event.template_name},
                  {"detail", event.detail}});
}

std::string summary_json(const LiveView& view) {
  const auto& ledger = view.feed.ledger();
  const auto& total = ledger.total();
  const auto& run = view.feed.run();
  const auto day = ledger.last(std::chrono::hours(24)).figures;
  return text_of(
      {{"run", run_json(view)},
       {"history_read", figure(view.feed.progress())},
       {"status", status_json(view)},
       {"saved", {{"all", saved_json(total.saved)}, {"day", saved_json(day.saved)}}},
       {"queries", total.queries},
       {"queries_day", day.queries},
       {"hinted", total.treated},
       {"failures", total.failures},
       {"timed_out", total.timed_out},
       {"total_ms", figure(total.total_ms)},
       {"latency_ms",
        {{"default", latency_json(total.by_default)}, {"hinted", latency_json(total.hinted)}}},
       {"explorer", {{"runs", total.explorer_runs}, {"seconds", figure(total.explorer_ms / 1000)}}},
       {"templates", templates_json(view)},
       {"safety", safety_json(view)},
       {"phases", phases_json(view)},
       {"telemetry",
        {{"events", run.events},
         {"dropped", run.dropped},
         {"failed_batches", run.failed_batches}}}});
}

Json marks_json(const LiveView& view) {
  auto marks = Json::array();
  const auto mark = [&marks](TimePoint time, const char* kind, const std::string& name) {
    marks.push_back({{"t", seconds_json(time)}, {"kind", kind}, {"name", name}});
  };
  const auto& run = view.feed.run();
  if (run.command != "serve")
    for (const auto& phase : run.phases) mark(phase.started, "phase", phase.name);
  if (const auto policies = view.history.policies(run.first))
    for (const auto& policy : *policies)
      mark(policy.time, "policy", "policy " + std::to_string(policy.version));
  return marks;
}

std::string safety_series_json(const LiveView& view, telemetry::Range range, const Json& anchors) {
  constexpr std::int64_t kSafetyBuckets = 96;
  const auto to = view.feed.ledger().last_time();
  const auto from =
      range ? std::max(view.feed.run().started, to - *range) : view.feed.run().started;
  Json columns = {{"t", Json::array()}, {"events", Json::array()}, {"taken_back", Json::array()}};
  const auto buckets = view.history.events_over_time(view.feed.run().first, from,
                                                     std::max(from, to), kSafetyBuckets);
  if (buckets)
    for (const auto& bucket : *buckets) {
      std::int64_t events = 0;
      std::int64_t taken_back = 0;
      for (const auto& [name, count] : bucket.counts) {
        events += count;
        if (is_taken_back(name)) taken_back += count;
      }
      columns["t"].push_back(seconds_json(bucket.begin));
      columns["events"].push_back(events);
      columns["taken_back"].push_back(taken_back);
    }
  auto marks = marks_json(view);
  for (const auto& anchor : anchors)
    marks.push_back({{"t", anchor.at("until_us").get<std::int64_t>() / 1'000'000},
                     {"kind", "anchor"},
                     {"name", anchor.at("name")}});
  return text_of({{"columns", columns}, {"marks", marks}});
}

std::string series_json(const LiveView& view, telemetry::Range range) {
  const auto& traffic = view.feed.ledger().traffic();
  const auto since = range ? view.feed.ledger().last_time() - *range : TimePoint::min();
  std::size_t first = 0;
  while (first < traffic.size() && traffic.begin_of(first) + traffic.width() <= since) ++first;
  const auto width = std::max<std::size_t>(1, (traffic.size() - first + kBuckets - 1) / kBuckets);
  Json columns = Json::object();
  for (const auto* name : {"t", "queries", "hinted", "default_p50", "default_p95", "hinted_p50",
                           "hinted_p95", "saved_ms", "saved_sum_ms", "explorer_runs"})
    columns[name] = Json::array();
  double saved_sum = 0;
  for (auto i = first; i < traffic.size(); i += width) {
    TrafficCell cell;
    for (auto j = i; j < std::min(i + width, traffic.size()); ++j) cell.merge(traffic[j]);
    const auto at = [&cell](const telemetry::LatencySketch& sketch, double p) {
      return sketch.count() == 0 ? Json(nullptr) : figure(sketch.quantile(p));
    };
    saved_sum += cell.saved.ms;
    columns["t"].push_back(seconds_json(traffic.begin_of(i)));
    columns["queries"].push_back(cell.queries);
    columns["hinted"].push_back(cell.treated);
    columns["default_p50"].push_back(at(cell.by_default, 0.5));
    columns["default_p95"].push_back(at(cell.by_default, 0.95));
    columns["hinted_p50"].push_back(at(cell.hinted, 0.5));
    columns["hinted_p95"].push_back(at(cell.hinted, 0.95));
    columns["saved_ms"].push_back(figure(cell.saved.ms));
    columns["saved_sum_ms"].push_back(figure(saved_sum));
    columns["explorer_runs"].push_back(cell.explorer_runs);
  }
  return text_of({{"bucket_s", static_cast<double>(width) *
                                   std::chrono::duration<double>(traffic.width()).count()},
                  {"columns", columns},
                  {"marks", marks_json(view)}});
}

}  // namespace hintd::dashboard
