#include "learning/policy/memory_file.h"

#include <algorithm>
#include <utility>

#include "core/byte_codec.h"
#include "core/checked_file.h"

namespace hintd::learning {
namespace {

constexpr FileFormat kMemoryFile{"hintd plan memory", 3, "is not a usable plan memory",
                                 "move it away to start anew"};

// Of the PlanRuns or StatementEvidence that is written or read.
void fields_of_runs(auto& io, auto& runs) {
  io.numbers(runs.finished_ms);
  io.numbers(runs.paired_ratios);
  io.numbers(runs.slow_downs);
  io.number(runs.longer_than_ms, runs.parallel, runs.unusable);
}

void fields_of_statement(auto& io, auto& statement) {
  io.number(statement.fingerprint);
  io.numbers(statement.literals);
  io.number(statement.seen, statement.observed_ms, statement.default_shape);
  for (auto& feature : statement.features) io.number(feature);
  io.numbers(statement.group_of_arm);
  io.list(statement.groups, [&](auto& runs) { fields_of_runs(io, runs); });
}

// Where each arm of the catalogue stood in the file's; nothing for arms that the file did not have.
using ArmMap = std::vector<std::optional<std::size_t>>;

ArmMap map_arms(const std::vector<std::string>& stored, const HintCatalogue& catalogue) {
  ArmMap arms;
  for (const auto& set : catalogue.sets()) {
    const auto it = std::find(stored.begin(), stored.end(), set.name);
    arms.push_back(it == stored.end() ? std::nullopt
                                      : std::optional<std::size_t>(it - stored.begin()));
  }
  return arms;
}

// False when the statement's groups contradict each other.
bool map_groups(const ArmMap& arms, std::size_t stored_arms, StatementEvidence& statement) {
  if (!statement.planned()) return true;
  const auto stored = std::exchange(statement.group_of_arm, {});
  const auto stored_groups = statement.groups.size();
  const bool fits = stored.size() == stored_arms &&
                    std::all_of(stored.begin(), stored.end(),
                                [&](const auto group) { return group < stored_groups; });
  if (!fits) return false;
  for (const auto& place : arms) {
    if (place) {
      statement.group_of_arm.push_back(stored[*place]);
    } else {  // a new arm: its plan is not known, so it gets an untried group of its own
      statement.group_of_arm.push_back(static_cast<std::uint16_t>(statement.groups.size()));
      statement.groups.emplace_back();
    }
  }
  return true;
}

}  // namespace

Status save_memory(const std::filesystem::path& path, const PlanMemory& memory,
                   std::uint32_t policy_version, const HintCatalogue& catalogue) {
  ByteWriter out;
  out.number(policy_version);
  out.list(catalogue.sets(), [&](const auto& set) { out.text(set.name); });
  for (const auto& [fingerprint, entries] : memory.templates())
    for (const auto& [id, statement] : entries) fields_of_statement(out, statement);
  return replace_checked_file(path, kMemoryFile, out.take());
}

Result<StoredMemory> load_memory(const std::filesystem::path& path,
                                 const HintCatalogue& catalogue) {
  const auto content = read_checked_file(path, kMemoryFile);
  if (!content && content.error().kind == ErrorKind::kNotFound)
    return fail(ErrorKind::kNotFound, "there is no plan memory at " + path.string(),
                "run hintd demo first");
  if (!content) return tl::make_unexpected(content.error());
  ByteReader in(*content);
  StoredMemory stored;
  std::vector<std::string> names;
  in.number(stored.policy_version);
  in.list(names, [&](auto& name) { in.text(name); });
  const auto arms = map_arms(names, catalogue);
  while (in.more()) {
    StatementEvidence statement;
    fields_of_statement(in, statement);
    if (!map_groups(arms, names.size(), statement)) in.refuse();
    auto& place = stored.memory.statement(statement.fingerprint, statement.literals);
    place = std::move(statement);
  }
  if (!in.whole()) return unusable_file(path, kMemoryFile, "it does not read as what hintd writes");
  return stored;
}

}  // namespace hintd::learning
