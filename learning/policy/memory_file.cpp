#include "learning/policy/memory_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "core/rng.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

// A head, and in the second line what the head has the checksum of.
constexpr int kFormat = 3;
constexpr int kFormatOfOneLine = 2;
constexpr auto kKind = "hintd plan memory";

std::string hex(std::uint64_t value) {
  return fingerprint_text(value);
}

std::uint64_t unhex(const json& value) {
  return std::stoull(value.get<std::string>(), nullptr, 16);
}

json to_json(const PlanRuns& runs) {
  return {{"finished_ms", runs.finished_ms}, {"paired_ratios", runs.paired_ratios},
          {"slow_downs", runs.slow_downs},   {"longer_than_ms", runs.longer_than_ms},
          {"parallel", runs.parallel},       {"unusable", runs.unusable}};
}

PlanRuns runs_from(const json& value) {
  PlanRuns runs;
  runs.finished_ms = value.at("finished_ms").get<std::vector<double>>();
  runs.paired_ratios = value.at("paired_ratios").get<std::vector<double>>();
  runs.slow_downs = value.value("slow_downs", std::vector<double>());
  runs.longer_than_ms = value.at("longer_than_ms");
  runs.parallel = value.at("parallel");
  runs.unusable = value.at("unusable");
  return runs;
}

json to_json(const StatementEvidence& statement) {
  json literals = json::array();
  for (const auto literal : statement.literals) literals.push_back(hex(literal));
  json groups = json::array();
  for (const auto& group : statement.groups) groups.push_back(to_json(group));
  return {{"template", hex(statement.fingerprint)},
          {"literals", literals},
          {"seen", statement.seen},
          {"observed_ms", statement.observed_ms},
          {"default_shape", hex(statement.default_shape)},
          {"features", statement.features},
          {"group_of_arm", statement.group_of_arm},
          {"groups", groups}};
}

// Where each arm of the catalogue stood in the file's; nothing for arms that the file did not have.
using ArmMap = std::vector<std::optional<std::size_t>>;

void restore(const json& value, const ArmMap& arms, PlanMemory& memory) {
  std::vector<std::uint64_t> literals;
  for (const auto& literal : value.at("literals")) literals.push_back(unhex(literal));
  auto& statement = memory.statement(unhex(value.at("template")), literals);
  statement.seen = value.at("seen");
  statement.observed_ms = value.at("observed_ms");
  statement.default_shape = unhex(value.at("default_shape"));
  statement.features = value.at("features").get<FeatureVector>();
  const auto stored = value.at("group_of_arm").get<std::vector<std::uint16_t>>();
  if (stored.empty()) return;
  for (const auto& group : value.at("groups")) statement.groups.push_back(runs_from(group));
  for (const auto& place : arms) {
    if (place) {
      statement.group_of_arm.push_back(stored.at(*place));
    } else {  // a new arm: its plan is not known, so it gets an untried group of its own
      statement.group_of_arm.push_back(static_cast<std::uint16_t>(statement.groups.size()));
      statement.groups.emplace_back();
    }
    if (statement.group_of_arm.back() >= statement.groups.size())
      throw std::out_of_range("a plan group that does not exist");
  }
}

ArmMap map_arms(const json& names, const HintCatalogue& catalogue) {
  const auto stored = names.get<std::vector<std::string>>();
  ArmMap arms;
  for (const auto& set : catalogue.sets()) {
    const auto it = std::find(stored.begin(), stored.end(), set.name);
    arms.push_back(it == stored.end() ? std::nullopt
                                      : std::optional<std::size_t>(it - stored.begin()));
  }
  return arms;
}

// Empty where there is none.
std::string second_line(const std::string& text, std::size_t first_end) {
  if (first_end + 2 > text.size()) return {};
  return text.substr(first_end + 1, text.size() - first_end - 2);
}

tl::unexpected<Error> not_ours(const std::filesystem::path& path, const std::string& why) {
  return fail(ErrorKind::kCorrupt, path.string() + " is not a usable plan memory: " + why,
              "move it away to start anew");
}

}  // namespace

Status save_memory(const std::filesystem::path& path, const PlanMemory& memory,
                   std::uint32_t policy_version, const HintCatalogue& catalogue) {
  json arms = json::array();
  for (const auto& set : catalogue.sets()) arms.push_back(set.name);
  json statements = json::array();
  for (const auto& [fingerprint, entries] : memory.templates())
    for (const auto& [id, statement] : entries) statements.push_back(to_json(statement));
  const auto content = json{{"arms", std::move(arms)},
                            {"policy_version", policy_version},
                            {"statements", std::move(statements)}}
                           .dump();
  const json head = {{"kind", kKind}, {"format", kFormat}, {"checksum", hex(stable_hash(content))}};
  return replace_file(path, head.dump() + "\n" + content + "\n");
}

Result<StoredMemory> load_memory(const std::filesystem::path& path,
                                 const HintCatalogue& catalogue) {
  const auto text = read_file(path);
  if (!text)
    return fail(ErrorKind::kNotFound, "there is no plan memory at " + path.string(),
                "run hintd demo first");
  try {
    const auto end = std::min(text->find('\n'), text->size());
    const auto head = json::parse(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(end));
    if (head.value("kind", "") != kKind) return not_ours(path, "another kind of file");
    if (head.at("format") != kFormat && head.at("format") != kFormatOfOneLine)
      return not_ours(path, "written by another version of hintd");
    const auto body =
        head.at("format") == kFormat ? second_line(*text, end) : head.at("content").dump();
    if (unhex(head.at("checksum")) != stable_hash(body))
      return not_ours(path, "its checksum does not fit its content");
    const auto content = json::parse(body);
    StoredMemory stored;
    stored.policy_version = content.at("policy_version");
    const auto arms = map_arms(content.at("arms"), catalogue);
    for (const auto& statement : content.at("statements")) restore(statement, arms, stored.memory);
    return stored;
  } catch (const std::exception& e) {
    return not_ours(path, "it does not read as JSON of that kind");
  }
}

}  // namespace hintd::learning
