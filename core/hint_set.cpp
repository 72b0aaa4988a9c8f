#include "core/hint_set.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/check.h"

namespace hintd {
namespace {

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool changes_execution(std::string_view setting) {
  static constexpr std::array kNames = {"work_mem", "hash_mem_multiplier", "jit", "temp_buffers",
                                        "effective_io_concurrency"};
  return std::find(kNames.begin(), kNames.end(), setting) != kNames.end();
}

Status check_set(const HintSet& set) {
  if (!is_identifier(set.name))
    return fail(ErrorKind::kInvalidInput, "hint set '" + set.name + "' has an unusable name",
                "use lower case letters, digits and '_'");
  for (const auto& setting : set.settings)
    if (!is_identifier(setting.name))
      return fail(ErrorKind::kInvalidInput,
                  "hint set '" + set.name + "' names the setting '" + setting.name + "'",
                  "use the setting's plain name, e.g. enable_nestloop");
  return {};
}

}  // namespace

std::string quoted_literal(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string HintSet::set_local_sql() const {
  std::string sql;
  for (const auto& [setting, value] : settings)
    sql += "SET LOCAL " + setting + " = " + quoted_literal(value) + "; ";
  return sql;
}

std::string HintSet::set_config_sql() const {
  std::string sql = "SELECT pg_catalog.set_config('plan_cache_mode', 'force_custom_plan', true)";
  for (const auto& [setting, value] : settings)
    sql += ", pg_catalog.set_config(" + quoted_literal(setting) + ", " + quoted_literal(value) +
           ", true)";
  return sql;
}

std::string HintSet::execution_settings() const {
  std::string key;
  for (const auto& [setting, value] : settings)
    if (changes_execution(setting)) key += setting + "=" + value + ";";
  return key;
}

Result<HintCatalogue> HintCatalogue::create(std::vector<HintSet> sets) {
  if (sets.empty() || !sets.front().settings.empty())
    return fail(ErrorKind::kInvalidInput, "the first hint set is not the planner's own",
                "put a set without settings first, e.g. name: default");
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    HINTD_TRY_STATUS(check_set(sets[i]));
    if (!names.insert(sets[i].name).second)
      return fail(ErrorKind::kInvalidInput, "two hint sets are called '" + sets[i].name + "'",
                  "rename one of them");
    if (i > 0 && sets[i].settings.empty())
      return fail(ErrorKind::kInvalidInput, "hint set '" + sets[i].name + "' has no settings",
                  "give it at least one setting, or delete it");
  }
  return HintCatalogue(std::move(sets));
}

const HintSet& HintCatalogue::operator[](ArmId arm) const {
  HINTD_CHECK(arm < sets_.size(), "an arm outside the catalogue");
  return sets_[arm];
}

std::optional<ArmId> HintCatalogue::find(std::string_view name) const {
  for (std::size_t i = 0; i < sets_.size(); ++i)
    if (sets_[i].name == name) return static_cast<ArmId>(i);
  return std::nullopt;
}

}  // namespace hintd
