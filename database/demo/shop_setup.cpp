#include "database/demo/shop_setup.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <pqxx/pqxx>
#include <set>

#include "database/demo/shop_loader.h"
#include "database/demo/shop_metadata.h"
#include "database/demo/shop_schema.h"
#include "database/demo/sql_errors.h"

namespace hintd::database::demo {
namespace {

constexpr double kMinScale = 0.01;
constexpr double kMaxScale = 100;

bool is_shop_table(std::string_view name) {
  const auto tables = shop_tables();
  return name == kMetadataTable ||
         std::any_of(tables.begin(), tables.end(),
                     [&](const Table& table) { return table.name == name; });
}

std::vector<std::string> tables_in(pqxx::transaction_base& transaction) {
  std::vector<std::string> names;
  for (const auto& row : transaction.exec(
           "SELECT schemaname, tablename FROM pg_tables "
           "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2")) {
    const std::string schema = row[0].c_str();
    const std::string table = row[1].c_str();
    names.push_back(schema == "public" ? table : schema + "." + table);
  }
  return names;
}

// What stands in the database forbids the load, or not.
Status check_ground(const std::optional<ShopMetadata>& metadata,
                    const std::vector<std::string>& tables, const SetupOptions& options) {
  for (const auto& name : tables) {
    if (!is_shop_table(name)) {
      if (options.replace) continue;
      return fail(ErrorKind::kConflict, "the database holds table " + name + ", not the shop's",
                  "name an empty database, or load the shop beside it with hintd setup --replace");
    }
    if (!metadata) {
      return fail(ErrorKind::kConflict,
                  "the database holds a table " + name + " that hintd did not create",
                  "name an empty database");
    }
  }
  if (metadata && metadata->complete && !options.replace) {
    return fail(ErrorKind::kConflict,
                "the database holds a shop of scale " + std::to_string(metadata->recipe.scale) +
                    ", seed " + std::to_string(metadata->recipe.seed),
                "ask for that one, or load another with hintd setup --replace");
  }
  return {};
}

// Somebody changed what was loaded: theirs to say that it may go.
Status check_damage(const VerifyReport& report, const SetupOptions& options) {
  if (options.replace) return {};
  std::string missing = report.missing.front();
  if (const auto more = report.missing.size() - 1; more > 0)
    missing += ", and " + std::to_string(more) + " more";
  return fail(ErrorKind::kConflict, "the shop is not as it was loaded: missing " + missing,
              "see hintd setup --verify, or load it anew with hintd setup --replace");
}

// Ends a load from within its progress.
struct Stopped : std::exception {};

Result<SetupSummary> load(const std::string& dsn, const SetupOptions& options,
                          const SetupProgress& progress) {
  const Stopwatch stopwatch;
  pqxx::connection connection(dsn);
  {
    pqxx::work transaction(connection);
    const auto metadata = read_metadata(transaction);
    if (metadata && metadata->complete && metadata->recipe == options.recipe) {
      HINTD_TRY(const auto verified, verify_shop(dsn));
      if (verified.complete())
        return SetupSummary{
            .already_loaded = true, .rows = metadata->rows, .took = stopwatch.elapsed()};
      HINTD_TRY_STATUS(check_damage(verified, options));
    }
    const auto tables = tables_in(transaction);
    HINTD_TRY_STATUS(check_ground(metadata, tables, options));
    for (const auto& name : tables)
      if (is_shop_table(name)) transaction.exec("DROP TABLE " + name + " CASCADE");
    create_metadata(transaction, options.recipe);
    transaction.commit();
  }
  const auto tell = [&](const std::string& phase, double fraction) {
    progress(phase, fraction);
    if (options.stopping && options.stopping()) throw Stopped();
  };
  const auto rows = load_shop(dsn, options.recipe, tell);
  return SetupSummary{.already_loaded = false, .rows = rows, .took = stopwatch.elapsed()};
}

}  // namespace

std::int64_t SetupSummary::total_rows() const {
  return std::accumulate(rows.begin(), rows.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& table) { return sum + table.second; });
}

Result<SetupSummary> setup_shop(const std::string& dsn, const SetupOptions& options,
                                const SetupProgress& progress) {
  if (!(options.recipe.scale >= kMinScale && options.recipe.scale <= kMaxScale)) {
    return fail(ErrorKind::kInvalidInput,
                "the shop's scale is " + std::to_string(options.recipe.scale),
                "choose one from 0.01 to 100");
  }
  return catching_sql_errors("load the shop", [&]() -> Result<SetupSummary> {
    try {
      return load(dsn, options, progress);
    } catch (const Stopped&) {
      return fail(ErrorKind::kCancelled, "loading the shop was stopped",
                  "run it again: what was loaded so far is begun anew");
    }
  });
}

}  // namespace hintd::database::demo
