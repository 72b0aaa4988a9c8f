#include "app/anchors.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "app/policy_desk.h"
#include "app/wiring.h"
#include "core/clock.h"
#include "core/durable_file.h"
#include "core/query_template.h"
#include "database/postgres/server_state.h"
#include "safety/anchor.h"
#include "telemetry/reader.h"

namespace hintd::app {
namespace {

using nlohmann::json;
using safety::LatencySummary;
using safety::TemplateAnchors;

constexpr auto kAnchorKind = "hintd anchor";

std::filesystem::path anchor_file(const std::filesystem::path& folder, const std::string& name) {
  return folder / "anchors" / (name + ".json");
}

Status check_name(const std::string& name) {
  const bool fine = !name.empty() && name.size() <= 64 &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) || c == '_' || c == '-';
                    });
  if (fine) return {};
  return fail(ErrorKind::kInvalidInput, "'" + name + "' is no name for an anchor",
              "use letters, digits, - and _");
}

json to_json(const LatencySummary& s) {
  return {{"runs", s.runs},  {"p10_ms", s.p10},        {"p50_ms", s.p50},
          {"p90_ms", s.p90}, {"mean_log", s.mean_log}, {"sd_log", s.sd_log}};
}

LatencySummary summary_from(const json& value) {
  return {value.at("runs"),   value.at("p10_ms"),   value.at("p50_ms"),
          value.at("p90_ms"), value.at("mean_log"), value.at("sd_log")};
}

json to_json(const database::ServerState& state) {
  return {{"started", state.started},
          {"schema_hash", state.schema_hash},
          {"analyzed", state.analyzed},
          {"backends", state.backends}};
}

// The server's state, where one is named; anchors do without.
json server_of(const std::string& dsn) {
  if (dsn.empty()) return nullptr;
  auto connection = database::Connection::open({dsn});
  if (!connection) return nullptr;
  const auto state = database::read_server_state(*connection);
  return state ? to_json(*state) : json(nullptr);
}

struct Period {
  std::vector<LoggedRun> runs;
  TimePoint until;
};

Result<Period> read_runs(const AnchorSource& source, TimePoint since) {
  HINTD_TRY(auto reader, telemetry::Reader::open(source.telemetry));
  const auto names = names_of(source.catalogue);
  Period period;
  HINTD_TRY(period.runs, reader.read_runs(names, since));
  period.until = since;
  for (const auto& run : period.runs) period.until = std::max(period.until, run.time);
  return period;
}

TemplateAnchors anchors_from(const json& templates) {
  TemplateAnchors anchors;
  for (const auto& [fingerprint, value] : templates.items())
    anchors[fingerprint_from(fingerprint).value()] = {summary_from(value.at("default")),
                                                      summary_from(value.at("hinted"))};
  return anchors;
}

// What happened on the server since, and what hintd did: the reasons a comparison may have.
Result<json> timeline(const AnchorSource& source, const json& anchor, TimePoint since) {
  json events = json::array();
  const auto now = server_of(source.dsn);
  if (now.is_object() && anchor.at("server").is_object()) {
    const auto state_from = [](const json& value) {
      return database::ServerState{value.at("started"), value.at("schema_hash"),
                                   value.at("analyzed"), value.at("backends")};
    };
    for (const auto& change : database::changes(state_from(anchor.at("server")), state_from(now)))
      events.push_back({{"event", change.name}, {"detail", change.detail}});
  }
  HINTD_TRY(auto reader, telemetry::Reader::open(source.telemetry));
  HINTD_TRY(const auto report, reader.read_report(since));
  for (const auto& policy : report.policies)
    if (policy.time > since)
      events.push_back(
          {{"event", "policy_deployed"}, {"detail", "version " + std::to_string(policy.version)}});
  for (const auto& event : report.safety)
    if (event.time > since) events.push_back({{"event", event.name}, {"detail", event.detail}});
  return events;
}

Result<json> load_anchor(const std::filesystem::path& folder, const std::string& name) {
  HINTD_TRY_STATUS(check_name(name));
  const auto file = anchor_file(folder, name);
  if (!std::filesystem::exists(file))
    return fail(ErrorKind::kNotFound, "there is no anchor " + name, "see hintd anchor list");
  HINTD_TRY(const auto text, read_file(file));
  auto anchor = json::parse(text, nullptr, false);
  if (anchor.is_object() && anchor.value("kind", "") == kAnchorKind) return anchor;
  return fail(ErrorKind::kCorrupt, file.string() + " is not a usable anchor", "drop it");
}

}  // namespace

Result<AnchorSize> create_anchor(const AnchorSource& source, const std::string& name) {
  HINTD_TRY_STATUS(check_name(name));
  const auto file = anchor_file(source.folder, name);
  if (std::filesystem::exists(file))
    return fail(ErrorKind::kConflict, "there is an anchor " + name + " already",
                "drop it first, or choose another name");
  HINTD_TRY(const auto period, read_runs(source, {}));
  if (period.runs.empty())
    return fail(ErrorKind::kNotFound, "telemetry holds no statement to anchor",
                "let hintd observe some traffic first");
  json templates = json::object();
  for (const auto& [fingerprint, anchor] : safety::summarise(period.runs))
    templates[fingerprint_text(fingerprint)] = {{"default", to_json(anchor.by_default)},
                                                {"hinted", to_json(anchor.hinted)}};
  const auto deployed = deployed_in(source.folder, source.catalogue);
  const json anchor = {{"kind", kAnchorKind},
                       {"name", name},
                       {"until_us", micros(period.until)},
                       {"policy", deployed ? deployed->id : 0},
                       {"server", server_of(source.dsn)},
                       {"settings", json::parse(source.settings)},
                       {"templates", templates}};
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  HINTD_TRY_STATUS(replace_file(file, anchor.dump(1) + "\n"));
  return AnchorSize{templates.size(), period.runs.size()};
}

std::vector<AnchorLine> list_anchors(const std::filesystem::path& folder) {
  std::vector<AnchorLine> lines;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "anchors", none)) {
    if (entry.path().extension() != ".json") continue;
    const auto name = entry.path().stem().string();
    if (const auto anchor = load_anchor(folder, name))
      lines.push_back({name, anchor->at("templates").size(), anchor->at("policy")});
  }
  std::sort(lines.begin(), lines.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return lines;
}

Status drop_anchor(const std::filesystem::path& folder, const std::string& name) {
  HINTD_TRY_STATUS(load_anchor(folder, name));
  std::filesystem::remove(anchor_file(folder, name));
  return {};
}

Result<std::string> compare_anchor(const AnchorSource& source, const std::string& name) {
  HINTD_TRY(const auto anchor, load_anchor(source.folder, name));
  const TimePoint until = time_point(anchor.at("until_us").get<std::int64_t>());
  HINTD_TRY(const auto period, read_runs(source, until + std::chrono::microseconds(1)));
  HINTD_TRY(const auto events, timeline(source, anchor, until));
  json templates = json::array();
  json counts = json::object();
  for (const auto& one :
       safety::compare(anchors_from(anchor.at("templates")), safety::summarise(period.runs))) {
    const auto verdict = std::string(safety::to_string(one.verdict));
    counts[verdict] = counts.value(verdict, 0) + 1;
    templates.push_back({{"template", fingerprint_text(one.fingerprint)},
                         {"verdict", verdict},
                         {"default_ratio", one.default_ratio},
                         {"hinted_ratio", one.hinted_ratio}});
  }
  return json{{"anchor", name},
              {"statements_since", period.runs.size()},
              {"verdicts", counts},
              {"templates", templates},
              {"timeline", events}}
      .dump();
}

}  // namespace hintd::app
