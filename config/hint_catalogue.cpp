#include "config/hint_catalogue.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "config/nearest.h"
#include "config/yaml_file.h"

namespace hintd::config {
namespace {

tl::unexpected<Error> wrong(const std::string& place, const std::string& what,
                            const std::string& remedy) {
  return fail(ErrorKind::kInvalidInput, place + ": " + what, remedy);
}

Result<std::vector<Setting>> settings_of(const std::string& place, const YAML::Node& node) {
  std::vector<Setting> settings;
  for (const auto& entry : node) {
    if (!node.IsMap() || !entry.first.IsScalar() || !entry.second.IsScalar())
      return wrong(place, "settings are not names with values",
                   "write e.g. settings: {enable_nestloop: off}");
    const auto& name = entry.first.Scalar();
    const auto same = [&](const Setting& setting) { return setting.name == name; };
    if (std::any_of(settings.begin(), settings.end(), same))
      return wrong(place, name + " is set twice", "delete one of them");
    settings.push_back({name, entry.second.Scalar()});
  }
  return settings;
}

Result<HintSet> set_of(const std::filesystem::path& file, const YAML::Node& node) {
  const auto place = place_of(file, node);
  if (!node.IsMap())
    return wrong(place, "a hint set has no fields", "write name, reason, settings");
  HintSet set;
  for (const auto& entry : node) {
    const auto field = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (field == "name" && entry.second.IsScalar()) {
      set.name = entry.second.Scalar();
    } else if (field == "reason" && entry.second.IsScalar()) {
      set.reason = entry.second.Scalar();
    } else if (field == "settings") {
      HINTD_TRY(set.settings, settings_of(place_of(file, entry.first), entry.second));
    } else {
      return wrong(place_of(file, entry.first), "'" + field + "' is no field of a hint set",
                   "write name, reason, settings");
    }
  }
  return set;
}

Result<YAML::Node> profile_node(const std::filesystem::path& file, const YAML::Node& root,
                                std::string_view profile) {
  const auto profiles = root.IsMap() ? root["profiles"] : YAML::Node();
  if (!profiles.IsMap())
    return wrong(file.string(), "no 'profiles' section", "see config/hints.yaml for an example");
  std::vector<std::string> names;
  for (const auto& entry : profiles) {
    names.push_back(entry.first.IsScalar() ? entry.first.Scalar() : "?");
    if (names.back() == profile) return entry.second;
  }
  const auto meant = nearest(profile, names);
  std::string known;
  for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
  return fail(ErrorKind::kNotFound,
              file.string() + " has no profile '" + std::string(profile) + "'",
              meant.empty() ? "it has " + known : "did you mean " + meant + "?");
}

}  // namespace

Result<HintCatalogue> load_catalogue(const std::filesystem::path& file, std::string_view profile) {
  HINTD_TRY(const auto root, load_yaml(file));
  HINTD_TRY(const auto node, profile_node(file, root, profile));
  if (!node.IsSequence())
    return wrong(place_of(file, node), "profile '" + std::string(profile) + "' is not a list",
                 "begin each hint set with '- name:'");
  std::vector<HintSet> sets;
  for (const auto& item : node) {
    HINTD_TRY(sets.emplace_back(), set_of(file, item));
  }
  return HintCatalogue::create(std::move(sets)).map_error([&](Error error) {
    error.message = file.string() + ": profile '" + std::string(profile) + "': " + error.message;
    return error;
  });
}

}  // namespace hintd::config
