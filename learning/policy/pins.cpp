#include "learning/policy/pins.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/durable_file.h"
#include "core/query_template.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

}  // namespace

std::vector<PinnedQuery> load_pins(const std::filesystem::path& path) {
  std::vector<PinnedQuery> pins;
  const auto text = read_file(path);
  if (!text) return pins;
  std::istringstream in(*text);
  for (std::string line; std::getline(in, line);) {
    try {
      const auto pin = json::parse(line);
      pins.push_back({fingerprint_from(pin.at("template").get<std::string>()).value(),
                      fingerprint_from(pin.at("statement").get<std::string>()).value(),
                      pin.at("arm"), pin.at("why")});
    } catch (const std::exception&) {
      continue;
    }
  }
  return pins;
}

Status add_pins(const std::filesystem::path& path, const std::vector<PinnedQuery>& pins) {
  const auto known = load_pins(path);
  for (const auto& pin : pins) {
    const bool there = std::any_of(known.begin(), known.end(), [&](const auto& other) {
      return other.statement == pin.statement && other.arm == pin.arm;
    });
    if (there) continue;
    HINTD_TRY_STATUS(append_line(path, json{{"template", fingerprint_text(pin.fingerprint)},
                                            {"statement", fingerprint_text(pin.statement)},
                                            {"arm", pin.arm},
                                            {"why", pin.why}}
                                           .dump()));
  }
  return {};
}

}  // namespace hintd::learning
