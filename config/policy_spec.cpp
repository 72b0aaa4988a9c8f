#include "config/policy_spec.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "config/nearest.h"
#include "config/yaml_file.h"

namespace hintd::config {
namespace {

using safety::PolicySpec;

const std::vector<std::string> kRules = {"id",    "version", "hint_sets", "templates", "tables",
                                         "roles", "modes",   "hours",     "max_risk"};
const std::vector<std::string> kModes = {"observe", "advise", "steer"};

// One reading of one file; errors name its lines.
class SpecReader {
 public:
  explicit SpecReader(const std::filesystem::path& file) : file_(file) {}

  Result<PolicySpec> read(const YAML::Node& root) {
    if (!root.IsMap()) return wrong(root, "the file has no rules", "begin with id: and version:");
    for (const auto& entry : root) HINTD_TRY_STATUS(read_rule(entry.first, entry.second));
    if (!has_id_ || spec_.version < 1)
      return wrong(root, "id or version is missing", "write e.g. id: production, version: 1");
    return spec_;
  }

 private:
  Status read_rule(const YAML::Node& key, const YAML::Node& value) {
    const auto rule = key.IsScalar() ? key.Scalar() : "?";
    if (rule == "id") {
      has_id_ = value.IsScalar() && !value.Scalar().empty();
      return text(key, value, spec_.id);
    }
    if (rule == "version") return number(key, value, 1, 1'000'000, spec_.version);
    if (rule == "hint_sets") return names(key, value, spec_.hint_sets);
    if (rule == "templates") return templates(key, value);
    if (rule == "tables") return tables(key, value);
    if (rule == "roles") return names(key, value, spec_.roles);
    if (rule == "modes") return modes(key, value);
    if (rule == "hours") return hours(key, value);
    if (rule == "max_risk") return number(key, value, 0.0, 10.0, spec_.max_risk);
    const auto meant = nearest(rule, kRules);
    return wrong(key, "'" + rule + "' is no rule",
                 meant.empty() ? "see config/policy_spec.yaml" : "did you mean " + meant + "?");
  }

  tl::unexpected<Error> wrong(const YAML::Node& node, const std::string& what,
                              const std::string& remedy) const {
    return fail(ErrorKind::kInvalidInput, place_of(file_, node) + ": " + what, remedy);
  }

  Status text(const YAML::Node& key, const YAML::Node& value, std::string& into) const {
    if (!value.IsScalar() || value.Scalar().empty())
      return wrong(key, key.Scalar() + " is not a text", "write one word");
    into = value.Scalar();
    return {};
  }

  template <class T>
  Status number(const YAML::Node& key, const YAML::Node& value, T low, T high, T& into) const {
    T given{};
    if (!value.IsScalar() || !YAML::convert<T>::decode(value, given) ||
        !(given >= low && given <= high))
      return wrong(key, key.Scalar() + " is out of range",
                   "write a number from " + YAML::Dump(YAML::Node(low)) + " to " +
                       YAML::Dump(YAML::Node(high)));
    into = given;
    return {};
  }

  Status list(const YAML::Node& key, const YAML::Node& value,
              std::vector<std::string>& into) const {
    if (!value.IsSequence())
      return wrong(key, key.Scalar() + " is not a list", "write e.g. [a, b] or [\"*\"]");
    into.clear();
    for (const auto& name : value) {
      if (!name.IsScalar() || name.Scalar().empty())
        return wrong(key, key.Scalar() + " holds something that is no name", "write names");
      into.push_back(name.Scalar());
    }
    return {};
  }

  Status names(const YAML::Node& key, const YAML::Node& value, PolicySpec::Names& into) const {
    if (!value.IsMap())
      return wrong(key, key.Scalar() + " has neither allow nor deny",
                   "write e.g. " + key.Scalar() + ": {deny: [a]}");
    for (const auto& entry : value) {
      const auto side = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      if (side != "allow" && side != "deny")
        return wrong(entry.first, "'" + side + "' is neither allow nor deny", "write one of them");
      HINTD_TRY_STATUS(list(entry.first, entry.second, side == "allow" ? into.allow : into.deny));
    }
    for (const auto& name : into.allow)
      if (std::find(into.deny.begin(), into.deny.end(), name) != into.deny.end())
        return wrong(key, name + " is both allowed and denied in " + key.Scalar(),
                     "take it out of one list");
    return {};
  }

  Status templates(const YAML::Node& key, const YAML::Node& value) {
    HINTD_TRY_STATUS(names(key, value, spec_.templates));
    for (const auto* side : {&spec_.templates.allow, &spec_.templates.deny})
      for (const auto& name : *side)
        if (name != "*" &&
            (name.size() != 16 || name.find_first_not_of("0123456789abcdef") != std::string::npos))
          return wrong(key, "'" + name + "' is no template",
                       "write 16 hexadecimal digits, as hintd explain prints them");
    return {};
  }

  Status tables(const YAML::Node& key, const YAML::Node& value) {
    HINTD_TRY_STATUS(names(key, value, spec_.tables));
    if (spec_.tables.allow == std::vector<std::string>{"*"}) return {};
    return wrong(key, "tables cannot be allowed one by one",
                 "deny those that are to be left alone");
  }

  Status modes(const YAML::Node& key, const YAML::Node& value) {
    HINTD_TRY_STATUS(names(key, value, spec_.modes));
    for (const auto* side : {&spec_.modes.allow, &spec_.modes.deny})
      for (const auto& name : *side)
        if (name != "*" && std::find(kModes.begin(), kModes.end(), name) == kModes.end())
          return wrong(key, "'" + name + "' is no mode", "write observe, advise or steer");
    return {};
  }

  Status hours(const YAML::Node& key, const YAML::Node& value) {
    if (!value.IsMap()) return wrong(key, "hours has no from and to", "write {from: 0, to: 24}");
    for (const auto& entry : value) {
      const auto side = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      if (side == "from") {
        HINTD_TRY_STATUS(number(entry.first, entry.second, 0, 23, spec_.hour_from));
      } else if (side == "to") {
        HINTD_TRY_STATUS(number(entry.first, entry.second, 1, 24, spec_.hour_to));
      } else {
        return wrong(entry.first, "'" + side + "' is neither from nor to", "write one of them");
      }
    }
    if (spec_.hour_from == spec_.hour_to)
      return wrong(key, "hours from and to are the same: no hour is left",
                   "write {from: 0, to: 24} for all");
    return {};
  }

  const std::filesystem::path& file_;
  PolicySpec spec_;
  bool has_id_ = false;
};

}  // namespace

Result<PolicySpec> load_policy_spec(const std::filesystem::path& file) {
  HINTD_TRY(const auto root, load_yaml(file));
  return SpecReader(file).read(root);
}

}  // namespace hintd::config
