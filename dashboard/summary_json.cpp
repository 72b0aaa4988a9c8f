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

std::chrono::microseconds length_of(const std::string& range) {
  using std::chrono::hours;
  static const std::map<std::string, hours> kRanges = {
      {"1h", hours(1)}, {"24h", hours(24)}, {"7d", hours(7 * 24)}, {"30d", hours(30 * 24)}};
  const auto found = kRanges.find(range);
  return found == kRanges.end() ? hours(24 * 365 * 100) : found->second;
}

// The buckets of the last `length`, merged.
TrafficCell last(const LiveView& view, std::chrono::microseconds length) {
  const auto& traffic = view.feed.ledger().traffic();
  const auto since = view.feed.ledger().last_time() - length;
  TrafficCell sum;
  for (std::size_t i = 0; i < traffic.size(); ++i)
    if (traffic.begin_of(i) + traffic.width() > since) sum.merge(traffic[i]);
  return sum;
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
          {"explorer_budget_s", figure(status.explorer_budget_s)}};
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

constexpr std::array<const char*, 5> kTakenBack = {"arm_taken_back", "policy_taken_back",
                                                   "policy_unreadable", "template_rolled_back",
                                                   "template_banned"};

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
      if (std::ranges::find(kTakenBack, name) != kTakenBack.end()) taken_back += count;
      by_name[name] = count;
    }
  auto list = Json::array();
  if (newest)
    for (const auto& event : *newest) list.push_back(Json::parse(event_json(event)));
  return {{"events", events}, {"taken_back", taken_back}, {"by_name", by_name}, {"last", list}};
}

}  // namespace

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
  const auto day = last(view, std::chrono::hours(24));
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

std::string series_json(const LiveView& view, const std::string& range) {
  const auto& traffic = view.feed.ledger().traffic();
  const auto since = view.feed.ledger().last_time() - length_of(range);
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
    columns["t"].push_back(traffic.begin_of(i).time_since_epoch().count() / 1'000'000);
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
  auto marks = Json::array();
  for (const auto& phase : view.feed.run().phases)
    if (view.feed.run().command != "serve")
      marks.push_back({{"t", phase.started.time_since_epoch().count() / 1'000'000},
                       {"kind", "phase"},
                       {"name", phase.name}});
  if (const auto policies = view.history.policies(view.feed.run().first))
    for (const auto& policy : *policies)
      marks.push_back({{"t", policy.time.time_since_epoch().count() / 1'000'000},
                       {"kind", "policy"},
                       {"name", "policy " + std::to_string(policy.version)}});
  return text_of({{"range", range},
                  {"bucket_s", static_cast<double>(width) *
                                   std::chrono::duration<double>(traffic.width()).count()},
                  {"columns", columns},
                  {"marks", marks}});
}

}  // namespace hintd::dashboard
