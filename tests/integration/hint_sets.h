// Hint sets that the tests of executors run statements under.
#pragma once

#include "core/hint_set.h"

namespace hintd::database {

inline const HintSet kDefault{"default", "the planner's own", {}};
inline const HintSet kNoNestedLoop{"no_nestloop", "", {{"enable_nestloop", "off"}}};

}  // namespace hintd::database
