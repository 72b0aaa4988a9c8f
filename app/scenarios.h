// The faults that `hintd demo --scenario` can inject.
#pragma once

#include <span>
#include <string_view>

#include "app/scenario_run.h"

namespace hintd::app {

struct Scenario {
  std::string_view name;
  std::string_view what;  // one line, for people
  Status (*play)(ScenarioRun&);
};

std::span<const Scenario> scenarios();

}  // namespace hintd::app
