// What becomes of a running hintd's settings when new ones are read.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace hintd::config {

struct Reload {
  Settings in_force;                      // the present ones with what changes live
  std::vector<std::string> applied;       // keys
  std::vector<std::string> need_restart;  // keys that differ and cannot change live
};

Reload reload(const Settings& present, const Settings& wanted);

}  // namespace hintd::config
