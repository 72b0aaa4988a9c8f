#include "database/demo/shop_setup.h"

#include <algorithm>
#include <numeric>
#include <pqxx/pqxx>
#include <set>

#include "core/check.h"
#include "database/demo/shop_data.h"
#include "database/demo/shop_metadata.h"
#include "database/demo/shop_schema.h"
#include "database/demo/sql_errors.h"

namespace hintd::database::demo {
namespace {

constexpr std::size_t kMaxColumns = 9;
constexpr double kMinScale = 0.01;
constexpr double kMaxScale = 100;
// Shares of the whole time, for the progress: rows, then indexes and keys, then VACUUM ANALYZE.
constexpr double kRowsShare = 0.7;
constexpr double kKeysShare = 0.25;

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

template <std::size_t... I>
void write_fields(pqxx::stream_to& stream, const Row& row, std::index_sequence<I...>) {
  stream << std::make_tuple((row[I] ? row[I]->c_str() : nullptr)...);
}

// libpqxx streams tuples only: finds the tuple of as many fields as the row has.
template <std::size_t kFields = 1>
void write_row(pqxx::stream_to& stream, const Row& row) {
  if constexpr (kFields > kMaxColumns) {
    HINTD_CHECK(false, "a table has more columns than kMaxColumns");
  } else if (row.size() == kFields) {
    write_fields(stream, row, std::make_index_sequence<kFields>());
  } else {
    write_row<kFields + 1>(stream, row);
  }
}

class Loader {
 public:
  Loader(pqxx::connection& connection, const ShopRecipe& recipe, const SetupProgress& progress)
      : connection_(connection), recipe_(recipe), data_(recipe), progress_(progress) {
    for (const auto& table : shop_tables()) expected_rows_ += data_.expected_rows(table.name);
  }

  std::map<std::string, std::int64_t> load() {
    start();
    for (const auto& table : shop_tables()) load_table(table);
    add_keys();
    vacuum();
    finish();
    return rows_;
  }

 private:
  void start() {
    pqxx::work transaction(connection_);
    for (const auto& name : tables_in(transaction)) {
      if (is_shop_table(name)) transaction.exec("DROP TABLE " + name + " CASCADE");
    }
    create_metadata(transaction, recipe_);
    transaction.commit();
  }

  // Table and rows in one transaction: a server with wal_level minimal then writes no log for them.
  void load_table(const Table& table) {
    pqxx::work transaction(connection_);
    transaction.exec(create_table(table));
    const std::int64_t rows = copy_rows(transaction, table);
    transaction.exec(add_primary_key(table));
    record_rows(transaction, table.name, rows);
    transaction.commit();
    rows_[std::string(table.name)] = rows;
  }

  std::int64_t copy_rows(pqxx::work& transaction, const Table& table) {
    const std::string phase = "loading " + std::string(table.name);
    pqxx::stream_to stream(transaction, std::string(table.name));
    std::int64_t rows = 0;
    data_.rows(table.name, [&](const Row& row) {
      write_row(stream, row);
      ++rows;
      if (++loaded_rows_ % 8'192 == 0) report_rows(phase);
    });
    stream.complete();
    report_rows(phase);
    return rows;
  }

  void report_rows(const std::string& phase) const {
    const double share = static_cast<double>(loaded_rows_) / static_cast<double>(expected_rows_);
    progress_(phase, kRowsShare * std::min(1.0, share));
  }

  void add_keys() {
    std::vector<std::pair<std::string, std::string>> statements;
    for (const auto& index : shop_indexes()) {
      statements.emplace_back("indexing " + std::string(index.table), create_index(index));
    }
    for (const auto& key : shop_foreign_keys()) {
      statements.emplace_back("checking keys of " + std::string(key.table), add_foreign_key(key));
    }
    for (std::size_t done = 0; done < statements.size(); ++done) {
      progress_(statements[done].first, kRowsShare + kKeysShare * done / statements.size());
      run_alone(statements[done].second);
    }
  }

  void vacuum() {
    const auto tables = shop_tables();
    for (std::size_t done = 0; done < tables.size(); ++done) {
      const std::string name(tables[done].name);
      progress_("analyzing " + name,
                kRowsShare + kKeysShare + (1 - kRowsShare - kKeysShare) * done / tables.size());
      run_alone("VACUUM (ANALYZE) " + name);
    }
  }

  void run_alone(const std::string& statement) {
    pqxx::nontransaction transaction(connection_);
    transaction.exec(statement);
  }

  void finish() {
    pqxx::work transaction(connection_);
    record_complete(transaction);
    transaction.commit();
    progress_("loaded", 1);
  }

  pqxx::connection& connection_;
  ShopRecipe recipe_;
  ShopData data_;
  const SetupProgress& progress_;
  std::int64_t expected_rows_ = 0;
  std::int64_t loaded_rows_ = 0;
  std::map<std::string, std::int64_t> rows_;
};

Result<SetupSummary> load(const std::string& dsn, const SetupOptions& options,
                          const SetupProgress& progress) {
  const Stopwatch stopwatch;
  pqxx::connection connection(dsn);
  {
    pqxx::work transaction(connection);
    const auto metadata = read_metadata(transaction);
    if (metadata && metadata->complete && metadata->recipe == options.recipe) {
      return SetupSummary{
          .already_loaded = true, .rows = metadata->rows, .took = stopwatch.elapsed()};
    }
    HINTD_TRY_STATUS(check_ground(metadata, tables_in(transaction), options));
  }
  const auto rows = Loader(connection, options.recipe, progress).load();
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
  return catching_sql_errors("load the shop", [&] { return load(dsn, options, progress); });
}

}  // namespace hintd::database::demo
