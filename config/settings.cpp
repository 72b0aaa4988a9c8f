#include "config/settings.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <set>
#include <vector>

#include "config/nearest.h"
#include "config/settings_table.h"
#include "config/yaml_file.h"

namespace hintd::config {
namespace {

bool in_range(double value, const Limits& limits) {
  const bool bounded = limits.low != limits.high;
  return std::isfinite(value) && (!bounded || (value >= limits.low && value <= limits.high));
}

template <class T>
std::optional<T> number_in(const YAML::Node& node, const Limits& limits) {
  T value{};
  if (!node.IsScalar() || !YAML::convert<T>::decode(node, value)) return std::nullopt;
  if (!in_range(static_cast<double>(value), limits)) return std::nullopt;
  return value;
}

std::optional<Value> list_in(const YAML::Node& node, const Limits& limits) {
  WholeNumbers list;
  for (const auto& item : node) {
    const auto value = number_in<std::int64_t>(item, limits);
    if (!value) return std::nullopt;
    list.push_back(*value);
  }
  if (!node.IsSequence() || list.empty()) return std::nullopt;
  return list;
}

std::optional<Value> name_in(const YAML::Node& node, const Limits& limits) {
  if (!node.IsScalar()) return std::nullopt;
  const auto& names = limits.names;
  const auto it = std::find(names.begin(), names.end(), node.Scalar());
  if (it == names.end()) return std::nullopt;
  return std::int64_t{it - names.begin()};
}

// What the node says, if that is something the row allows.
std::optional<Value> value_in(const YAML::Node& node, const SettingRow& row) {
  if (!row.limits.names.empty()) return name_in(node, row.limits);
  const Value like = row.get(Settings{});
  if (std::holds_alternative<WholeNumbers>(like)) return list_in(node, row.limits);
  if (!node.IsScalar()) return std::nullopt;
  if (std::holds_alternative<std::string>(like)) {
    if (node.Scalar().empty()) return std::nullopt;
    return node.Scalar();
  }
  bool flag = false;
  if (std::holds_alternative<bool>(like))
    return YAML::convert<bool>::decode(node, flag) ? std::optional<Value>(flag) : std::nullopt;
  if (std::holds_alternative<double>(like)) return number_in<double>(node, row.limits);
  return number_in<std::int64_t>(node, row.limits);
}

// A variable's text means itself, and only a list is read as YAML.
YAML::Node text_node(const SettingRow& row, const std::string& text) {
  if (!std::holds_alternative<WholeNumbers>(row.get(Settings{}))) return YAML::Node(text);
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception&) {
    return YAML::Node(text);
  }
}

// As the user wrote it, on one line.
std::string shown(const YAML::Node& node) {
  if (node.IsNull()) return "empty";
  if (node.IsScalar()) return "'" + node.Scalar() + "'";
  if (node.IsMap()) return "a section";
  std::string items;
  for (const auto& item : node) items += (items.empty() ? "" : ", ") + shown(item);
  return "[" + items + "]";
}

class Reader {
 public:
  void read_file(const std::filesystem::path& file, const YAML::Node& root) {
    file_ = file;
    if (root.IsNull()) return;  // an empty file: the defaults
    if (root.IsMap())
      read_section("", root);
    else
      problem(place_of(file_, root), "the file is " + shown(root), "begin it with 'key: value'");
  }

  void read_environment(const Environment& environment) {
    std::vector<std::string> names;
    for (const auto& row : settings_table()) names.push_back(environment_name(row.key));
    read_texts("environment", with_files_read(environment, names), names);
  }

  void read_overrides(const Overrides& overrides) { read_texts("command line", overrides, keys()); }

  Result<Settings> finish() {
    if (problems_.empty()) check_together();
    if (problems_.empty()) return settings_;
    return fail(ErrorKind::kInvalidInput, problems_);
  }

 private:
  // NAME_FILE=path becomes NAME=the file's first line.
  Environment with_files_read(const Environment& environment,
                              const std::vector<std::string>& names) {
    constexpr std::string_view kFile = "_FILE";
    Environment values;
    for (const auto& [name, text] : environment) {
      const bool file = name.ends_with(kFile) && std::ranges::find(names, name) == names.end();
      if (!file) {
        values[name] = text;
        continue;
      }
      std::ifstream in(text);
      std::string line;
      if (std::getline(in, line))
        values[name.substr(0, name.size() - kFile.size())] = line;
      else
        problem("environment", name + " is '" + text + "', which cannot be read",
                "name a file with the value in its first line");
    }
    return values;
  }

  // `names` are the settings' in the order of the table.
  void read_texts(const std::string& place, const std::map<std::string, std::string>& texts,
                  const std::vector<std::string>& names) {
    for (const auto& [name, text] : texts) {
      const auto it = std::find(names.begin(), names.end(), name);
      if (it == names.end()) {
        unknown(place, name, nearest(name, names));
        continue;
      }
      const auto& row = settings_table()[static_cast<std::size_t>(it - names.begin())];
      take(place, name, row, text_node(row, text));
    }
  }

  void read_section(const std::string& prefix, const YAML::Node& section) {
    for (const auto& entry : section) {
      const auto key = prefix + (entry.first.IsScalar() ? entry.first.Scalar() : "?");
      if (!seen_.insert(key).second)
        problem(place_of(file_, entry.first), key + " is given twice", "delete one of them");
      else
        read_entry(key, entry.first, entry.second);
    }
  }

  void read_entry(const std::string& key, const YAML::Node& name, const YAML::Node& value) {
    const auto table = settings_table();
    const auto row = std::find_if(table.begin(), table.end(),
                                  [&](const auto& candidate) { return candidate.key == key; });
    const bool section = std::any_of(table.begin(), table.end(), [&](const auto& candidate) {
      return candidate.key.starts_with(key + ".");
    });
    if (row != table.end())
      take(place_of(file_, name), key, *row, value);
    else if (section && value.IsMap())
      read_section(key + ".", value);
    else if (section)
      problem(place_of(file_, name), key + " is " + shown(value),
              "it is a section: indent its keys");
    else
      unknown(place_of(file_, name), key, nearest(key, keys()));
  }

  // What no single setting can tell.
  void check_together() {
    if (const auto valid = learning::validate(settings_.agent); !valid)
      problem("settings", valid.error().message, valid.error().remedy);
    const auto& shares = settings_.workload.shares;
    if (std::all_of(shares.begin(), shares.end(), [](double share) { return share == 0; }))
      problem("settings", "workload.shares are all 0", "set at least one of them above 0");
    const auto& simulation = settings_.simulation;
    if (simulation.baseline_share + simulation.learning_share > 1)
      problem("settings", "simulation.baseline_share and learning_share are more than 1 together",
              "leave a part of the run for what was learned");
  }

  static std::vector<std::string> keys() {
    std::vector<std::string> keys;
    for (const auto& row : settings_table()) keys.emplace_back(row.key);
    return keys;
  }

  void take(const std::string& place, const std::string& name, const SettingRow& row,
            const YAML::Node& node) {
    if (const auto value = value_in(node, row))
      row.set(settings_, *value);
    else
      problem(place, name + " is " + shown(node), "set it to " + allowed_text(row));
  }

  void unknown(const std::string& place, const std::string& name, const std::string& meant) {
    problem(
        place, name + " is no setting",
        meant.empty() ? "see config/hintd.yaml for all settings" : "did you mean " + meant + "?");
  }

  void problem(const std::string& place, const std::string& what, const std::string& remedy) {
    if (!problems_.empty()) problems_ += '\n';
    problems_ += place + ": " + what + "; " + remedy;
  }

  Settings settings_;
  std::filesystem::path file_;
  std::set<std::string> seen_;
  std::string problems_;
};

}  // namespace

Environment environment() {
  Environment found;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (text.starts_with("HINTD_") && equals != text.npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

Result<Settings> load_settings(const std::filesystem::path& file, const Environment& environment,
                               const Overrides& overrides) {
  HINTD_TRY(const auto root, load_yaml(file));
  Reader reader;
  reader.read_file(file, root);
  reader.read_environment(environment);
  reader.read_overrides(overrides);
  return reader.finish();
}

Result<Settings> settings_from(const Environment& environment, const Overrides& overrides) {
  Reader reader;
  reader.read_environment(environment);
  reader.read_overrides(overrides);
  return reader.finish();
}

}  // namespace hintd::config
