#include "learning/policy/store_state.h"

#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "core/rng.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

constexpr auto kStateKind = "hintd policy store";
constexpr int kStateFormat = 2;

PolicyState state_named(const std::string& name) {
  for (int i = 0; i < 4; ++i)
    if (to_string(static_cast<PolicyState>(i)) == name) return static_cast<PolicyState>(i);
  throw std::invalid_argument("an unknown state");
}

json to_json(const PolicyHead& head) {
  return {{"parent", head.parent},
          {"made_us", micros(head.made)},
          {"templates", head.templates},
          {"steered", head.steered},
          {"evidence", head.evidence}};
}

PolicyHead head_from(const json& value) {
  return {value.at("parent"), time_point(value.at("made_us").get<std::int64_t>()),
          value.at("templates"), value.at("steered"), value.at("evidence")};
}

json to_json(const StoreState& state) {
  json policies = json::array();
  for (const auto& [id, status] : state.policies)
    policies.push_back({{"id", id},
                        {"state", to_string(status.state)},
                        {"banned", status.banned},
                        {"why", status.why},
                        {"head", to_json(status.head)}});
  return {{"policies", policies},
          {"deployed", state.deployed},
          {"pinned", state.pinned},
          {"history", state.history},
          {"audit_lines", state.audit_lines}};
}

StoreState state_from(const json& content) {
  StoreState state;
  for (const auto& entry : content.at("policies"))
    state.policies[entry.at("id")] = {state_named(entry.at("state")), entry.at("banned"),
                                      entry.at("why"), head_from(entry.at("head"))};
  state.deployed = content.at("deployed");
  state.pinned = content.at("pinned");
  state.history = content.at("history").get<std::vector<PolicyId>>();
  state.audit_lines = content.at("audit_lines");
  return state;
}

}  // namespace

std::string to_text(const StoreState& state, const std::string& server) {
  const auto content = to_json(state);
  return json{{"kind", kStateKind},
              {"format", kStateFormat},
              {"server", server},
              {"checksum", fingerprint_text(stable_hash(content.dump()))},
              {"content", content}}
             .dump(1) +
         "\n";
}

std::string server_of(std::string_view text) {
  const auto file = json::parse(text, nullptr, false);
  return file.is_object() ? file.value("server", "") : "";
}

Result<StoreState> store_state_from(std::string_view text, const std::string& server,
                                    const std::string& folder) {
  try {
    const auto file = json::parse(text);
    const auto& content = file.at("content");
    if (file.at("kind") != kStateKind || file.at("format") != kStateFormat ||
        file.at("checksum") != fingerprint_text(stable_hash(content.dump())))
      throw std::invalid_argument("a checksum");
    if (file.at("server") != server)
      return fail(ErrorKind::kConflict,
                  folder + " holds the policies of another server (" +
                      file.at("server").get<std::string>() + ", not " + server + ")",
                  "give each server a folder of its own");
    return state_from(content);
  } catch (const std::exception&) {
    return fail(ErrorKind::kCorrupt, folder + "/state.json is damaged or not a policy store's",
                "move the folder away to start anew; its audit.jsonl tells what was deployed");
  }
}

}  // namespace hintd::learning
