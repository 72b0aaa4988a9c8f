#include "learning/policy/memory_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>
#include <utility>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "core/rng.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

// A line of JSON, and what it has the checksum of: as MessagePack what all statements share, then
// each statement by itself. A memory of months has tens of thousands of them, so that their fields
// have places, not names.
constexpr int kFormat = 2;
constexpr auto kKind = "hintd plan memory";

auto fields_of_runs(auto& runs) {
  return std::tie(runs.finished_ms, runs.paired_ratios, runs.slow_downs, runs.longer_than_ms,
                  runs.parallel, runs.unusable);
}

// Without the groups.
auto fields_of_statement(auto& statement) {
  return std::tie(statement.seen, statement.observed_ms, statement.default_shape,
                  statement.features, statement.group_of_arm);
}

template <class... T>
void read(const json& value, std::tuple<T&...> fields) {
  fields = value.get<std::tuple<T...>>();
}

json to_json(const StatementEvidence& statement) {
  json groups = json::array();
  for (const auto& group : statement.groups) groups.push_back(fields_of_runs(group));
  return {statement.fingerprint, statement.literals, fields_of_statement(statement),
          std::move(groups)};
}

// Where each arm of the catalogue stood in the file's; nothing for arms that the file did not have.
using ArmMap = std::vector<std::optional<std::size_t>>;

void restore(const json& value, const ArmMap& arms, PlanMemory& memory) {
  auto& statement = memory.statement(value.at(0).get<std::uint64_t>(),
                                     value.at(1).get<std::vector<std::uint64_t>>());
  read(value.at(2), fields_of_statement(statement));
  const auto stored = std::exchange(statement.group_of_arm, {});
  if (stored.empty()) return;
  for (const auto& group : value.at(3))
    read(group, fields_of_runs(statement.groups.emplace_back()));
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

StoredMemory memory_of(std::string bytes, std::size_t begin, const HintCatalogue& catalogue) {
  std::istringstream in(std::move(bytes));
  in.seekg(static_cast<std::streamoff>(begin));
  const auto next = [&in] { return json::from_msgpack(in, /*strict=*/false); };
  const auto shared = next();
  StoredMemory stored;
  stored.policy_version = shared.at("policy_version");
  const auto arms = map_arms(shared.at("arms"), catalogue);
  while (in.peek() != std::istringstream::traits_type::eof()) restore(next(), arms, stored.memory);
  return stored;
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
  std::string content;
  json::to_msgpack({{"arms", std::move(arms)}, {"policy_version", policy_version}}, content);
  for (const auto& [fingerprint, entries] : memory.templates())
    for (const auto& [id, statement] : entries) json::to_msgpack(to_json(statement), content);
  const json head = {
      {"kind", kKind}, {"format", kFormat}, {"checksum", fingerprint_text(stable_hash(content))}};
  return replace_file(path, head.dump() + "\n" + content);
}

Result<StoredMemory> load_memory(const std::filesystem::path& path,
                                 const HintCatalogue& catalogue) {
  auto text = read_file(path);
  if (!text)
    return fail(ErrorKind::kNotFound, "there is no plan memory at " + path.string(),
                "run hintd demo first");
  try {
    const auto end = std::min(text->find('\n'), text->size());
    const auto head = json::parse(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(end));
    if (head.value("kind", "") != kKind) return not_ours(path, "another kind of file");
    if (head.at("format") != kFormat) return not_ours(path, "written by another version of hintd");
    const auto begin = std::min(end + 1, text->size());
    if (head.at("checksum") != fingerprint_text(stable_hash(std::string_view(*text).substr(begin))))
      return not_ours(path, "its checksum does not fit its content");
    return memory_of(std::move(*text), begin, catalogue);
  } catch (const std::exception& e) {
    return not_ours(path, "it does not read as what hintd writes");
  }
}

}  // namespace hintd::learning
