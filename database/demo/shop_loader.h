// Fills an empty database with the demo shop's tables.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "database/demo/shop_setup.h"

namespace hintd::database::demo {

// Rows, keys, indexes and statistics, two tables at a time: most of the work is the server's, which
// gives a connection one core. Expects the metadata table, and tells it. Answers the rows by table.
// Throws what libpqxx and `progress` throw; the latter is called by one thread at a time.
std::map<std::string, std::int64_t> load_shop(const std::string& dsn, const ShopRecipe& recipe,
                                              const SetupProgress& progress);

}  // namespace hintd::database::demo
