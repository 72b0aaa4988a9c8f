#pragma once

#include "core/tuned_policy.h"
#include "database/postgres/connection.h"

namespace hintd::database {

// What measurements on this database hold for: the server's version and changed planner settings,
// and hashes of the schemas of users (tables, columns, indexes) and of their tables' sizes, which
// change when a table grows or shrinks by a few per cent and was analysed since.
Result<MeasuredOn> read_measured_on(Connection& connection);

}  // namespace hintd::database
