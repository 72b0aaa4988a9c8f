#include <cstdio>
#include <cstdlib>

#include "app/commands.h"
#include "config/governance_file.h"
#include "config/hint_catalogue.h"
#include "config/policy_spec.h"

namespace hintd::app {
namespace {

// What may not be looked at is as good as not there: the folder where a package was built, say.
bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// Where hintd.yaml and hints.yaml lie: HINTD_CONFIG_DIR, else config/ here, else where it was
// built, else where the package puts them.
std::filesystem::path config_folder() {
  if (const char* folder = std::getenv("HINTD_CONFIG_DIR")) return folder;
  if (is_there("config/hints.yaml")) return "config";
  if (is_there(HINTD_BUILT_CONFIG_DIR)) return HINTD_BUILT_CONFIG_DIR;
  return "/etc/hintd";
}

// The file beside the settings that were named, else of the usual folder.
std::filesystem::path beside_settings(const CommonOptions& common, const std::string& name) {
  const auto beside =
      common.config_file ? common.config_file->parent_path() / name : config_folder() / name;
  return is_there(beside) ? beside : config_folder() / name;
}

}  // namespace

int fail_with(const Error& error) {
  std::fprintf(stderr, "hintd: %s\n", error.text().c_str());
  return error.kind == ErrorKind::kInvalidInput ? kExitUsage : kExitFailed;
}

Result<config::Settings> settings_for(const CommonOptions& common) {
  auto environment = config::environment();
  environment.erase("HINTD_CONFIG_DIR");
  const auto file = common.config_file.value_or(config_folder() / "hintd.yaml");
  if (!common.config_file && !is_there(file))
    return config::settings_from(environment, common.settings);
  return config::load_settings(file, environment, common.settings);
}

Result<safety::PolicySpec> policy_spec_for(const CommonOptions& common,
                                           const std::filesystem::path& file) {
  if (!file.empty()) return config::load_policy_spec(file);
  const auto beside = common.config_file ? common.config_file->parent_path() / "policy_spec.yaml"
                                         : config_folder() / "policy_spec.yaml";
  return config::load_policy_spec(is_there(beside) ? beside : config_folder() / "policy_spec.yaml");
}

Result<HintCatalogue> catalogue_for(const CommonOptions& common, const config::Settings& settings) {
  return config::load_catalogue(beside_settings(common, "hints.yaml"), settings.hints_profile);
}

Result<Governance> governance_for(const CommonOptions& common) {
  return config::load_governance(beside_settings(common, "governance.yaml"));
}

}  // namespace hintd::app
