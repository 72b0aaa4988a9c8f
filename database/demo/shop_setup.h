// Creates and loads the demo shop in a database, and checks one that stands.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "database/demo/shop_size.h"

namespace hintd::database::demo {

struct SetupOptions {
  ShopRecipe recipe;
  // Drop a shop of another recipe, and load beside tables that are not the shop's. Never drops a
  // table that hintd did not create.
  bool replace = false;
  // Asked from time to time by the threads that load: once it answers true the load ends. May be
  // empty.
  std::function<bool()> stopping = {};
};

struct SetupSummary {
  bool already_loaded = false;               // the same recipe was there, complete, and was kept
  std::map<std::string, std::int64_t> rows;  // by table
  Seconds took{0};
  std::int64_t total_rows() const;
};

// What is being done, and how much of the whole is done, 0 to 1.
using SetupProgress = std::function<void(const std::string& phase, double fraction)>;

// Idempotent: keeps a shop of the same recipe of which verify_shop() misses nothing, redoes one
// that was cut short. Fails with kInvalidInput for a scale out of range, kConflict when the
// database holds something else or a shop that was damaged since, kUnavailable without a server,
// kExhausted when its disk is full, kCancelled where it was stopped. May be called again after a
// failure.
Result<SetupSummary> setup_shop(const std::string& dsn, const SetupOptions& options,
                                const SetupProgress& progress);

struct VerifyReport {
  ShopRecipe recipe;
  std::map<std::string, std::int64_t> rows;
  std::vector<std::string> missing;  // one line each: a table, rows, a key, an index, statistics
  bool complete() const { return missing.empty(); }
};

// Looks at row counts, keys, indexes and statistics. Fails only when it cannot look, or with
// kNotFound when the database holds no shop.
Result<VerifyReport> verify_shop(const std::string& dsn);

}  // namespace hintd::database::demo
