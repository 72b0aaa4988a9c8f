#include "safety/guard_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "core/rng.h"

namespace hintd::safety {
namespace {

using nlohmann::json;

// A line of JSON, and what it has the checksum of as MessagePack.
constexpr int kFormat = 1;
constexpr auto kKind = "hintd guards";

json to_json(const CircuitBreaker::ScopeState& scope) {
  return {scope.key, scope.failures, scope.convictions, scope.open_until_us};
}

CircuitBreaker::ScopeState scope_from(const json& value) {
  return {value.at(0), value.at(1), value.at(2), value.at(3)};
}

json to_json(const ShiftTest::Sum& sum) {
  return {sum.scores, sum.runs};
}

ShiftTest::Sum sum_from(const json& value) {
  return {value.at(0), value.at(1)};
}

json to_json(const ShiftTest::State& test) {
  const auto& scale = test.scale;
  return {{"scale", {scale.center, scale.spread, scale.mean, scale.variance, scale.size}},
          {"first_block", test.first_block},
          {"block", test.block},
          {"in_block", to_json(test.in_block)},
          {"whole", to_json(test.whole)}};
}

ShiftTest::State test_from(const json& value) {
  const auto& scale = value.at("scale");
  return {{scale.at(0), scale.at(1), scale.at(2), scale.at(3), scale.at(4)},
          value.at("first_block"),
          value.at("block"),
          sum_from(value.at("in_block")),
          sum_from(value.at("whole"))};
}

json to_json(const RegressionGuard::WatchState& watch) {
  return {{"template", watch.fingerprint},
          {"arm", watch.arm},
          {"next_block", watch.next_block},
          {"test", watch.test ? to_json(*watch.test) : json(nullptr)}};
}

RegressionGuard::WatchState watch_from(const json& value) {
  RegressionGuard::WatchState watch{
      value.at("template"), value.at("arm"), value.at("next_block"), {}};
  if (!value.at("test").is_null()) watch.test = test_from(value.at("test"));
  return watch;
}

json to_json(const PolicyWatch::State& watch) {
  return {{"block", watch.block},
          {"runs", watch.runs},
          {"latency_ms", watch.latency_ms},
          {"default_ms", watch.default_ms},
          {"scores", watch.scores},
          {"variance", watch.variance},
          {"runs_of_template", watch.runs_of_template},
          {"mean_default_ms", watch.mean_default_ms},
          {"seen", watch.seen},
          {"log_capital", watch.log_capital}};
}

PolicyWatch::State policy_watch_from(const json& value) {
  PolicyWatch::State watch;
  watch.block = value.at("block");
  watch.runs = value.at("runs");
  watch.latency_ms = value.at("latency_ms");
  watch.default_ms = value.at("default_ms");
  watch.scores = value.at("scores");
  watch.variance = value.at("variance");
  watch.runs_of_template = value.at("runs_of_template").get<decltype(watch.runs_of_template)>();
  watch.mean_default_ms = value.at("mean_default_ms");
  watch.seen = value.at("seen");
  watch.log_capital = value.at("log_capital").get<decltype(watch.log_capital)>();
  return watch;
}

json to_json(const FailureTest::State& test) {
  return {{"block", test.block}, {"runs", test.runs}, {"failures", test.failures}};
}

FailureTest::State failures_from(const json& value) {
  return {value.at("block"), value.at("runs"), value.at("failures")};
}

// Each run as its latency and its literals' hashes, one flat list a template.
json to_json(const std::vector<DefaultRun>& runs) {
  auto list = json::array();
  for (const auto& run : runs) {
    list.push_back(run.latency_ms);
    list.push_back(run.literals);
  }
  return list;
}

std::vector<DefaultRun> default_runs_from(const json& list) {
  std::vector<DefaultRun> runs;
  for (std::size_t i = 0; i + 1 < list.size(); i += 2)
    runs.push_back({list[i + 1].get<std::vector<std::uint64_t>>(), list[i]});
  return runs;
}

json content_of(const GuardState& state, const std::vector<std::string>& arms) {
  auto scopes = json::array();
  for (const auto& scope : state.scopes) scopes.push_back(to_json(scope));
  auto watches = json::array();
  for (const auto& watch : state.watches) watches.push_back(to_json(watch));
  auto default_runs = json::array();
  for (const auto& [fingerprint, runs] : state.default_runs)
    default_runs.push_back({fingerprint, to_json(runs)});
  return {{"arms", arms},
          {"scopes", std::move(scopes)},
          {"watches", std::move(watches)},
          {"default_runs", std::move(default_runs)},
          {"policy_version", state.policy_version},
          {"taken_back", state.taken_back},
          {"policy_watch", to_json(state.policy_watch)},
          {"policy_failures", to_json(state.policy_failures)}};
}

GuardState state_from(const json& content, const std::vector<std::string>& arms) {
  GuardState state;
  for (const auto& entry : content.at("default_runs"))
    state.default_runs.emplace(entry.at(0).get<std::uint64_t>(), default_runs_from(entry.at(1)));
  if (content.at("arms").get<std::vector<std::string>>() != arms) return state;
  for (const auto& scope : content.at("scopes")) state.scopes.push_back(scope_from(scope));
  for (const auto& watch : content.at("watches")) state.watches.push_back(watch_from(watch));
  state.policy_version = content.at("policy_version");
  state.taken_back = content.at("taken_back");
  state.policy_watch = policy_watch_from(content.at("policy_watch"));
  if (const auto failures = content.find("policy_failures"); failures != content.end())
    state.policy_failures = failures_from(*failures);  // earlier files have none
  return state;
}

tl::unexpected<Error> not_ours(const std::filesystem::path& path, const std::string& why) {
  return fail(ErrorKind::kCorrupt, path.string() + " does not hold usable guards: " + why,
              "move it away to start without what they knew");
}

}  // namespace

Status save_guards(const std::filesystem::path& path, const GuardState& state,
                   const std::vector<std::string>& arms) {
  std::string content;
  json::to_msgpack(content_of(state, arms), content);
  const json head = {
      {"kind", kKind}, {"format", kFormat}, {"checksum", fingerprint_text(stable_hash(content))}};
  return replace_file(path, head.dump() + "\n" + content);
}

Result<GuardState> load_guards(const std::filesystem::path& path,
                               const std::vector<std::string>& arms) {
  HINTD_TRY(const auto text, read_file(path));
  const auto end = std::min(text.find('\n'), text.size());
  const auto content = std::string_view(text).substr(std::min(end + 1, text.size()));
  try {
    const auto head = json::parse(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end));
    if (head.value("kind", "") != kKind) return not_ours(path, "another kind of file");
    if (head.at("format") != kFormat) return not_ours(path, "written by another version of hintd");
    if (head.at("checksum") != fingerprint_text(stable_hash(content)))
      return not_ours(path, "its checksum does not fit its content");
    return state_from(json::from_msgpack(content), arms);
  } catch (const json::exception&) {
    return not_ours(path, "it does not read as what hintd writes");
  }
}

}  // namespace hintd::safety
