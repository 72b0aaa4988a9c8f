#include "config/reload.h"

#include "config/settings_table.h"

namespace hintd::config {

Reload reload(const Settings& present, const Settings& wanted) {
  Reload result{present, {}, {}};
  for (const auto& row : settings_table()) {
    const auto value = row.get(wanted);
    if (value == row.get(present)) continue;
    if (changes_live(row)) row.set(result.in_force, value);
    (changes_live(row) ? result.applied : result.need_restart).emplace_back(row.key);
  }
  return result;
}

}  // namespace hintd::config
