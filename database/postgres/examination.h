// What hintd doctor looks at on a server, and what each thing that is missing costs.
#pragma once

#include <string>
#include <vector>

#include "core/clock.h"
#include "core/hint_set.h"
#include "core/result.h"
#include "database/postgres/connection.h"

namespace hintd::database {

enum class Standing {
  kGood,
  kMissing,  // hintd works without it, at a cost
  kBad,      // hintd cannot do its work
};
std::string_view to_string(Standing standing);  // "good", "missing", "bad"

struct Finding {
  std::string what;  // "version", "pg_stat_statements", ...
  Standing standing = Standing::kGood;
  std::string detail;  // what was found
  std::string cost;    // what it costs, and what to do; empty when good
};

// Fails only when the server cannot be asked.
Result<std::vector<Finding>> examine(Connection& connection, const HintCatalogue& catalogue,
                                     const Clock& clock);

}  // namespace hintd::database
