#include <algorithm>
#include <cctype>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/demo_database.h"
#include "core/durable_file.h"
#include "core/query_template.h"
#include "database/postgres/server_state.h"
#include "learning/policy/policy_store.h"
#include "safety/anchor.h"
#include "telemetry/reader.h"

namespace hintd::app {
namespace {

using nlohmann::json;
using safety::LatencySummary;
using safety::TemplateAnchors;

constexpr auto kKind = "hintd anchor";

std::filesystem::path run_folder(const CommonOptions& common, const AnchorCommand& command) {
  return command.out.empty() ? common.data_dir / "demo" : command.out;
}

std::filesystem::path anchor_file(const CommonOptions& common, const AnchorCommand& command) {
  return run_folder(common, command) / "anchors" / (command.name + ".json");
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
json server_of(const CommonOptions& common) {
  if (common.dsn.empty()) return nullptr;
  auto connection = database::Connection::open({common.dsn});
  if (!connection) return nullptr;
  const auto state = database::read_server_state(*connection);
  return state ? to_json(*state) : json(nullptr);
}

std::uint32_t deployed_policy(const std::filesystem::path& folder, const HintCatalogue& catalogue) {
  if (!std::filesystem::exists(folder / "policies" / "state.json")) return 0;
  SystemClock clock;
  const auto store = learning::PolicyStore::open(folder / "policies", "", catalogue, clock);
  const auto state = store ? store->state() : tl::make_unexpected(store.error());
  return state ? state->deployed : 0;
}

struct Period {
  std::vector<LoggedRun> runs;
  TimePoint until;
};

Result<Period> read_runs(const CommonOptions& common, const AnchorCommand& command,
                         const HintCatalogue& catalogue, TimePoint since) {
  HINTD_TRY(auto reader, telemetry::Reader::open(run_folder(common, command) / "telemetry.sqlite"));
  std::vector<std::string> names;
  for (const auto& set : catalogue.sets()) names.push_back(set.name);
  Period period;
  HINTD_TRY(period.runs, reader.read_runs(names, since));
  period.until = since;
  for (const auto& run : period.runs) period.until = std::max(period.until, run.time);
  return period;
}

Result<int> create(const CommonOptions& common, const AnchorCommand& command) {
  HINTD_TRY_STATUS(check_name(command.name));
  const auto file = anchor_file(common, command);
  if (std::filesystem::exists(file))
    return fail(ErrorKind::kConflict, "there is an anchor " + command.name + " already",
                "drop it first, or choose another name");
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  HINTD_TRY(const auto period, read_runs(common, command, catalogue, {}));
  if (period.runs.empty())
    return fail(ErrorKind::kNotFound, "telemetry holds no statement to anchor",
                "let hintd observe some traffic first");
  json templates = json::object();
  for (const auto& [fingerprint, anchor] : safety::summarise(period.runs))
    templates[fingerprint_text(fingerprint)] = {{"default", to_json(anchor.by_default)},
                                                {"hinted", to_json(anchor.hinted)}};
  const json anchor = {{"kind", kKind},
                       {"name", command.name},
                       {"until_us", period.until.time_since_epoch().count()},
                       {"policy", deployed_policy(run_folder(common, command), catalogue)},
                       {"server", server_of(common)},
                       {"settings", json::parse(config::to_json(settings))},
                       {"templates", templates}};
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  HINTD_TRY_STATUS(replace_file(file, anchor.dump(1) + "\n"));
  std::printf("anchor %s: %zu templates, %zu statements\n", command.name.c_str(), templates.size(),
              period.runs.size());
  return kExitDone;
}

Result<json> load(const CommonOptions& common, const AnchorCommand& command) {
  HINTD_TRY_STATUS(check_name(command.name));
  const auto file = anchor_file(common, command);
  if (!std::filesystem::exists(file))
    return fail(ErrorKind::kNotFound, "there is no anchor " + command.name,
                "see hintd anchor list");
  HINTD_TRY(const auto text, read_file(file));
  auto anchor = json::parse(text, nullptr, false);
  if (anchor.is_object() && anchor.value("kind", "") == kKind) return anchor;
  return fail(ErrorKind::kCorrupt, file.string() + " is not a usable anchor", "drop it");
}

Result<int> list(const CommonOptions& common, const AnchorCommand& command) {
  json anchors = json::array();
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(run_folder(common, command) / "anchors", none)) {
    if (entry.path().extension() != ".json") continue;
    AnchorCommand one = command;
    one.name = entry.path().stem();
    const auto anchor = load(common, one);
    if (!anchor) continue;
    anchors.push_back({{"name", one.name},
                       {"templates", anchor->at("templates").size()},
                       {"policy", anchor->at("policy")}});
  }
  if (common.json) {
    std::printf("%s\n", anchors.dump(2).c_str());
  } else {
    for (const auto& anchor : anchors)
      std::printf("%-24s %4zu templates, policy %u\n", anchor["name"].get<std::string>().c_str(),
                  anchor["templates"].get<std::size_t>(), anchor["policy"].get<unsigned>());
    if (anchors.empty()) std::puts("no anchors");
  }
  return kExitDone;
}

TemplateAnchors anchors_from(const json& templates) {
  TemplateAnchors anchors;
  for (const auto& [fingerprint, value] : templates.items())
    anchors[std::stoull(fingerprint, nullptr, 16)] = {summary_from(value.at("default")),
                                                      summary_from(value.at("hinted"))};
  return anchors;
}

// What happened on the server since, and what hintd did: the reasons a comparison may have.
Result<json> timeline(const CommonOptions& common, const AnchorCommand& command, const json& anchor,
                      TimePoint since) {
  json events = json::array();
  const auto now = server_of(common);
  if (now.is_object() && anchor.at("server").is_object()) {
    const auto state_from = [](const json& value) {
      return database::ServerState{value.at("started"), value.at("schema_hash"),
                                   value.at("analyzed"), value.at("backends")};
    };
    for (const auto& change : database::changes(state_from(anchor.at("server")), state_from(now)))
      events.push_back({{"event", change.name}, {"detail", change.detail}});
  }
  HINTD_TRY(auto reader, telemetry::Reader::open(run_folder(common, command) / "telemetry.sqlite"));
  HINTD_TRY(const auto report, reader.read_report({std::nullopt, since}));
  for (const auto& policy : report.policies)
    if (policy.time > since)
      events.push_back(
          {{"event", "policy_deployed"}, {"detail", "version " + std::to_string(policy.version)}});
  for (const auto& event : report.safety)
    if (event.time > since) events.push_back({{"event", event.name}, {"detail", event.detail}});
  return events;
}

Result<int> compare(const CommonOptions& common, const AnchorCommand& command) {
  HINTD_TRY(const auto anchor, load(common, command));
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  const TimePoint until(std::chrono::microseconds(anchor.at("until_us").get<std::int64_t>()));
  HINTD_TRY(const auto period,
            read_runs(common, command, catalogue, until + std::chrono::microseconds(1)));
  HINTD_TRY(const auto events, timeline(common, command, anchor, until));
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
  if (common.json) {
    std::printf("%s\n", json{{"anchor", command.name},
                             {"statements_since", period.runs.size()},
                             {"verdicts", counts},
                             {"templates", templates},
                             {"timeline", events}}
                            .dump(2)
                            .c_str());
    return kExitDone;
  }
  std::printf("%zu statements since anchor %s\n", period.runs.size(), command.name.c_str());
  for (const auto& [verdict, count] : counts.items())
    std::printf("  %-8s %d\n", verdict.c_str(), count.get<int>());
  for (const auto& one : templates)
    if (one["verdict"] == "drift" || one["verdict"] == "policy")
      std::printf("  %s  %-6s  default %.2fx  hinted %.2fx\n",
                  one["template"].get<std::string>().c_str(),
                  one["verdict"].get<std::string>().c_str(), one["default_ratio"].get<double>(),
                  one["hinted_ratio"].get<double>());
  for (const auto& event : events)
    std::printf("  since then: %s %s\n", event["event"].get<std::string>().c_str(),
                event["detail"].get<std::string>().c_str());
  return kExitDone;
}

Result<int> act(const CommonOptions& common, const AnchorCommand& command) {
  if (command.action == "create") return create(common, command);
  if (command.action == "list") return list(common, command);
  if (command.action == "compare") return compare(common, command);
  HINTD_TRY_STATUS(load(common, command));
  std::filesystem::remove(anchor_file(common, command));
  std::printf("anchor %s is dropped\n", command.name.c_str());
  return kExitDone;
}

}  // namespace

int anchor(const CommonOptions& common, const AnchorCommand& command) {
  const auto status = act(common, command);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
