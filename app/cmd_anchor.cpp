#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/anchors.h"
#include "app/commands.h"

namespace hintd::app {
namespace {

using nlohmann::json;

void print_list(const std::filesystem::path& folder, bool as_json) {
  const auto lines = list_anchors(folder);
  if (as_json) {
    json anchors = json::array();
    for (const auto& line : lines)
      anchors.push_back(
          {{"name", line.name}, {"templates", line.templates}, {"policy", line.policy}});
    std::printf("%s\n", anchors.dump(2).c_str());
    return;
  }
  for (const auto& line : lines)
    std::printf("%-24s %4zu templates, policy %u\n", line.name.c_str(), line.templates,
                line.policy);
  if (lines.empty()) std::puts("no anchors");
}

void print_comparison(const json& comparison) {
  std::printf("%zu statements since anchor %s\n", comparison["statements_since"].get<std::size_t>(),
              comparison["anchor"].get<std::string>().c_str());
  for (const auto& [verdict, count] : comparison["verdicts"].items())
    std::printf("  %-8s %d\n", verdict.c_str(), count.get<int>());
  for (const auto& one : comparison["templates"])
    if (one["verdict"] == "drift" || one["verdict"] == "policy")
      std::printf("  %s  %-6s  default %.2fx  hinted %.2fx\n",
                  one["template"].get<std::string>().c_str(),
                  one["verdict"].get<std::string>().c_str(), one["default_ratio"].get<double>(),
                  one["hinted_ratio"].get<double>());
  for (const auto& event : comparison["timeline"])
    std::printf("  since then: %s %s\n", event["event"].get<std::string>().c_str(),
                event["detail"].get<std::string>().c_str());
}

Result<int> act(const CommonOptions& common, const AnchorCommand& command) {
  const auto folder = command.out.empty() ? common.data_dir / "demo" : command.out;
  if (command.action == "list") {
    print_list(folder, common.json);
    return kExitDone;
  }
  if (command.action == "drop") {
    HINTD_TRY_STATUS(drop_anchor(folder, command.name));
    std::printf("anchor %s is dropped\n", command.name.c_str());
    return kExitDone;
  }
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  const AnchorSource source{folder, folder / "telemetry.sqlite", catalogue,
                            config::to_json(settings), common.dsn};
  if (command.action == "create") {
    HINTD_TRY(const auto size, create_anchor(source, command.name));
    std::printf("anchor %s: %zu templates, %zu statements\n", command.name.c_str(), size.templates,
                size.statements);
    return kExitDone;
  }
  HINTD_TRY(const auto text, compare_anchor(source, command.name));
  const auto comparison = json::parse(text);
  if (common.json)
    std::printf("%s\n", comparison.dump(2).c_str());
  else
    print_comparison(comparison);
  return kExitDone;
}

}  // namespace

int anchor(const CommonOptions& common, const AnchorCommand& command) {
  const auto status = act(common, command);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
