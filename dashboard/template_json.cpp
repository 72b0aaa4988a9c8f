#include "dashboard/template_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/query_template.h"
#include "dashboard/json_text.h"
#include "dashboard/summary_json.h"
#include "dashboard/template_state.h"

namespace hintd::dashboard {
namespace {

using telemetry::TemplateFigures;
using Part = telemetry::TemplatePart;

constexpr std::int64_t kEventsShown = 50;
// Bins of a distribution: ten a decade.
constexpr double kBinsPerDecade = 10;

struct SortKey {
  const char* name;
  double (*of)(const TemplateFigures&, const Part&);
};
constexpr std::array<SortKey, 5> kSortKeys = {{
    {"total_ms", [](const TemplateFigures&, const Part& part) { return part.total_ms; }},
    {"saved_ms", [](const TemplateFigures&, const Part& part) { return part.saved_ms; }},
    {"ratio",
     [](const TemplateFigures& f, const Part&) { return f.compared() ? f.ratio().value : 1e9; }},
    {"queries",
     [](const TemplateFigures&, const Part& part) { return static_cast<double>(part.queries); }},
    {"p95_ms",
     [](const TemplateFigures& f, const Part&) {
       return f.treated > 0 ? f.hinted.quantile(0.95) : f.by_default.quantile(0.95);
     }},
}};

// A line of the list with what it is sorted by; the id settles ties.
struct Line {
  double value = 0;
  std::string text;  // for the sort by name
  std::int64_t id = 0;
  const TemplateFigures* figures = nullptr;
  Part part;
};

bool before(const Line& a, const Line& b, bool ascending) {
  if (a.value != b.value) return (a.value < b.value) == ascending;
  if (a.text != b.text) return (a.text < b.text) == ascending;
  return a.id < b.id;
}

std::string shown_name(const telemetry::TemplateInfo& info) {
  return info.name.empty() ? fingerprint_text(info.fingerprint) : info.name;
}

// value, id and text, so that a list that changed meanwhile goes on where it was.
std::string cursor_of(const Line& line) {
  char text[64];
  std::snprintf(text, sizeof text, "%.17g,%lld,", line.value, static_cast<long long>(line.id));
  return text + line.text;
}

Result<Line> line_from(const std::string& cursor) {
  Line line;
  const auto first = cursor.find(',');
  const auto second = cursor.find(',', first + 1);
  const auto* data = cursor.data();
  const bool fine = first != std::string::npos && second != std::string::npos &&
                    std::from_chars(data, data + first, line.value).ptr == data + first &&
                    std::from_chars(data + first + 1, data + second, line.id).ptr == data + second;
  if (!fine)
    return fail(ErrorKind::kInvalidInput, "after: no cursor of this list",
                "give what the page before answered as next");
  line.text = cursor.substr(second + 1);
  return line;
}

Json ratio_json(const TemplateFigures& figures) {
  if (!figures.compared()) return nullptr;
  const auto ratio = figures.ratio();
  return {{"value", figure(ratio.value)}, {"low", figure(ratio.low)}, {"high", figure(ratio.high)}};
}

Json typical(std::uint32_t count, float logs) {
  return count == 0 ? Json(nullptr) : figure(std::exp(logs / static_cast<float>(count)));
}

// What users felt, whichever way the statements were run.
Json spark_json(const TemplateFigures& figures) {
  auto list = Json::array();
  for (std::size_t i = 0; i < figures.over_time.size(); ++i) {
    const auto& cell = figures.over_time[i];
    list.push_back(typical(cell.defaults + cell.hinted, cell.default_logs + cell.hinted_logs));
  }
  return list;
}

Json line_json(const LiveView& view, const TemplateFigures& figures, const Part& part,
               double whole_ms) {
  const auto& info = view.feed.template_of(figures.id);
  const auto order = view.orders.find(info.fingerprint);
  return {
      {"id", fingerprint_text(info.fingerprint)},
      {"name", shown_name(info)},
      {"class", info.query_class},
      {"title", info.title},
      {"state", state_of(view, figures)},
      {"hint", figures.last_hint == 0 ? Json(nullptr) : Json(view.feed.arm(figures.last_hint))},
      {"reason", view.feed.reason(figures.last_reason)},
      {"order", order == view.orders.end() ? Json(nullptr) : Json(to_string(order->second.order))},
      {"queries", part.queries},
      {"hinted", part.hinted},
      {"failures", figures.failures},
      {"timed_out", figures.timed_out},
      {"explorer_runs", figures.explorer_runs},
      {"total_ms", figure(part.total_ms)},
      {"share", whole_ms > 0 ? figure(part.total_ms / whole_ms) : Json(nullptr)},
      {"saved_ms", figure(part.saved_ms)},
      {"saved_half_width_ms", figure(figures.saved.half_width())},
      {"ratio", ratio_json(figures)},
      {"default", latency_json(figures.by_default)},
      {"hinted_latency", latency_json(figures.hinted)},
      {"last", time_json(figures.last)},
      {"spark", spark_json(figures)}};
}

Result<std::vector<Line>> lines_of(const LiveView& view, const TemplateQuery& query) {
  const bool by_name = query.sort == "name";
  const auto key = std::ranges::find(kSortKeys, query.sort, &SortKey::name);
  if (key == kSortKeys.end() && !by_name)
    return fail(ErrorKind::kInvalidInput, "sort: '" + query.sort + "' is no column to sort by",
                "use total_ms, saved_ms, ratio, queries, p95_ms or name");
  std::unordered_set<std::int64_t> found;
  if (!query.words.empty()) {
    HINTD_TRY(const auto ids, view.history.find_templates(query.words));
    found.insert(ids.begin(), ids.end());
  }
  std::vector<Line> lines;
  for (const auto& [id, figures] : view.feed.ledger().templates()) {
    const auto& info = view.feed.template_of(id);
    const bool by_id = !query.words.empty() && fingerprint_text(info.fingerprint) == query.words;
    if (!query.words.empty() && !by_id && !found.contains(id)) continue;
    if (!query.state.empty() && state_of(view, figures) != query.state) continue;
    const auto part = part_of(figures, view.feed.ledger().last_time(), query.range);
    if (query.range && part.queries == 0) continue;
    lines.push_back({by_name ? 0 : key->of(figures, part),
                     by_name ? shown_name(info) : std::string(), id, &figures, part});
  }
  return lines;
}

Json distribution_json(const telemetry::LatencySketch& sketch) {
  std::map<int, std::int64_t> bins;
  for (const auto& [ms, count] : sketch.bins())
    bins[static_cast<int>(std::floor(std::log10(ms) * kBinsPerDecade))] += count;
  auto list = Json::array();
  for (const auto& [bin, count] : bins)
    list.push_back({{"from_ms", figure(std::pow(10, bin / kBinsPerDecade))},
                    {"to_ms", figure(std::pow(10, (bin + 1) / kBinsPerDecade))},
                    {"count", count}});
  return list;
}

Json arms_json(const LiveView& view, const TemplateFigures& figures) {
  auto list = Json::array();
  for (const auto& [id, arm] : figures.arms)
    list.push_back({{"arm", view.feed.arm(id)},
                    {"users", arm.users},
                    {"explorer", arm.explorer},
                    {"timed_out", arm.timed_out},
                    {"mean_ms", arm.users > 0 ? figure(arm.user_ms / static_cast<double>(arm.users))
                                              : Json(nullptr)},
                    {"explorer_mean_ms",
                     arm.explorer_finished > 0
                         ? figure(arm.explorer_ms / static_cast<double>(arm.explorer_finished))
                         : Json(nullptr)},
                    {"least_ms", arm.least_ms > 0 ? figure(arm.least_ms) : Json(nullptr)},
                    {"last", time_json(arm.last)}});
  return list;
}

Json decisions_json(const std::vector<telemetry::HistoryDecision>& decisions) {
  auto list = Json::array();
  for (const auto& decision : decisions)
    list.push_back(
        {{"id", decision.id},
         {"time", time_json(decision.time)},
         {"arm", decision.arm},
         {"reason", decision.reason},
         {"policy_version", decision.policy_version},
         {"latency_ms", figure(decision.latency_ms)},
         {"deadline_ms", decision.deadline_ms > 0 ? figure(decision.deadline_ms) : Json(nullptr)},
         {"lost_ms", figure(decision.lost_ms)},
         {"timed_out", decision.timed_out},
         {"error", decision.error}});
  return list;
}

Json over_time_json(const LiveView& view, const TemplateFigures& figures,
                    const std::vector<telemetry::HistoryEvent>& events) {
  Json columns = {{"t", Json::array()},
                  {"default", Json::array()},
                  {"hinted", Json::array()},
                  {"queries", Json::array()}};
  const auto& cells = figures.over_time;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    columns["t"].push_back(seconds_json(cells.begin_of(i)));
    columns["default"].push_back(typical(cells[i].defaults, cells[i].default_logs));
    columns["hinted"].push_back(typical(cells[i].hinted, cells[i].hinted_logs));
    columns["queries"].push_back(cells[i].defaults + cells[i].hinted);
  }
  auto marks = marks_json(view);
  for (const auto& event : events)
    marks.push_back({{"t", seconds_json(event.time)}, {"kind", "event"}, {"name", event.name}});
  return {{"columns", columns}, {"marks", marks}};
}

}  // namespace

Result<std::string> templates_json(const LiveView& view, const TemplateQuery& query) {
  HINTD_TRY(auto lines, lines_of(view, query));
  const auto in_order = [&](const Line& a, const Line& b) { return before(a, b, query.ascending); };
  const auto count = lines.size();
  double whole_ms = 0;
  for (const auto& line : lines) whole_ms += line.part.total_ms;
  if (!query.after.empty()) {
    HINTD_TRY(const auto last, line_from(query.after));
    std::erase_if(lines, [&](const Line& line) { return !in_order(last, line); });
  }
  const auto taken = std::min(query.limit, lines.size());
  std::partial_sort(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(taken), lines.end(),
                    in_order);
  auto items = Json::array();
  for (std::size_t i = 0; i < taken; ++i)
    items.push_back(line_json(view, *lines[i].figures, lines[i].part, whole_ms));
  const bool more = taken < lines.size() && taken > 0;
  return text_of({{"count", count},
                  {"items", items},
                  {"next", more ? Json(cursor_of(lines[taken - 1])) : Json(nullptr)}});
}

Result<std::string> template_json(const LiveView& view, std::uint64_t fingerprint) {
  const auto id = view.feed.template_id(fingerprint);
  const auto found = view.feed.ledger().templates().find(id);
  if (id == 0 || found == view.feed.ledger().templates().end())
    return fail(ErrorKind::kNotFound, "there is no template " + fingerprint_text(fingerprint),
                "look at /api/v1/templates");
  const auto& figures = found->second;
  HINTD_TRY(const auto sql, view.history.text_of(id));
  HINTD_TRY(const auto decisions, view.history.decisions(figures.recent));
  HINTD_TRY(const auto events,
            view.history.events({view.feed.run().first, std::nullopt, kEventsShown}, {}, id));
  auto json = line_json(view, figures, part_of(figures, view.feed.ledger().last_time(), {}),
                        view.feed.ledger().total().total_ms);
  json["sql"] = sql;
  if (const auto order = view.orders.find(fingerprint); order != view.orders.end())
    json["ordered"] = {{"order", to_string(order->second.order)},
                       {"arm", order->second.arm},
                       {"actor", order->second.note.actor},
                       {"why", order->second.note.why},
                       {"time", time_json(order->second.time)}};
  json["over_time"] = over_time_json(view, figures, events);
  json["distribution"] = {{"default", distribution_json(figures.by_default)},
                          {"hinted", distribution_json(figures.hinted)}};
  json["arms"] = arms_json(view, figures);
  json["decisions"] = decisions_json(decisions);
  json["events"] = Json::array();
  for (const auto& event : events) json["events"].push_back(Json::parse(event_json(event)));
  return text_of(json);
}

}  // namespace hintd::dashboard
