#include <pqxx/pqxx>
#include <set>

#include "database/demo/shop_metadata.h"
#include "database/demo/shop_schema.h"
#include "database/demo/shop_setup.h"
#include "database/demo/sql_errors.h"

namespace hintd::database::demo {
namespace {

std::set<std::string> names(pqxx::transaction_base& transaction, const std::string& sql) {
  std::set<std::string> result;
  for (const auto& row : transaction.exec(sql)) result.insert(row[0].c_str());
  return result;
}

class Verifier {
 public:
  explicit Verifier(pqxx::transaction_base& transaction) : transaction_(transaction) {}

  VerifyReport verify(const ShopMetadata& metadata) {
    report_.recipe = metadata.recipe;
    if (!metadata.complete) missing("the end of the load: it was cut short");
    const auto tables =
        names(transaction_, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    for (const auto& table : shop_tables()) {
      const std::string name(table.name);
      if (!tables.contains(name)) {
        missing("table " + name);
      } else {
        verify_rows(name, metadata);
      }
    }
    verify_keys();
    verify_indexes();
    verify_statistics();
    return report_;
  }

 private:
  void missing(std::string what) { report_.missing.push_back(std::move(what)); }

  void verify_rows(const std::string& table, const ShopMetadata& metadata) {
    const auto counted = transaction_.exec1("SELECT count(*) FROM " + table)[0].as<std::int64_t>();
    report_.rows[table] = counted;
    const auto loaded = metadata.rows.find(table);
    if (loaded == metadata.rows.end()) {
      missing("rows of " + table + ": it was never loaded");
    } else if (loaded->second != counted) {
      missing("rows of " + table + ": " + std::to_string(counted) + " of " +
              std::to_string(loaded->second));
    }
  }

  void verify_keys() {
    const auto primary = names(transaction_,
                               "SELECT conrelid::regclass::text FROM pg_constraint "
                               "WHERE contype = 'p' AND connamespace = 'public'::regnamespace");
    for (const auto& table : shop_tables()) {
      if (!primary.contains(std::string(table.name))) {
        missing("primary key of " + std::string(table.name));
      }
    }
    const auto foreign = names(transaction_,
                               "SELECT conname FROM pg_constraint WHERE contype = 'f' "
                               "AND convalidated AND connamespace = 'public'::regnamespace");
    for (const auto& key : shop_foreign_keys()) {
      if (!foreign.contains(foreign_key_name(key))) missing("foreign key " + foreign_key_name(key));
    }
  }

  void verify_indexes() {
    const auto valid = names(transaction_,
                             "SELECT c.relname FROM pg_index i JOIN pg_class c ON "
                             "c.oid = i.indexrelid WHERE i.indisvalid");
    for (const auto& index : shop_indexes()) {
      if (!valid.contains(index_name(index))) missing("index " + index_name(index));
    }
  }

  void verify_statistics() {
    const auto analyzed =
        names(transaction_, "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'");
    for (const auto& table : shop_tables()) {
      if (!analyzed.contains(std::string(table.name))) {
        missing("statistics of " + std::string(table.name));
      }
    }
  }

  pqxx::transaction_base& transaction_;
  VerifyReport report_;
};

Result<VerifyReport> verify(const std::string& dsn) {
  pqxx::connection connection(dsn);
  pqxx::read_transaction transaction(connection);
  const auto metadata = read_metadata(transaction);
  if (!metadata) {
    return fail(ErrorKind::kNotFound, "the database holds no shop", "load it with hintd setup");
  }
  return Verifier(transaction).verify(*metadata);
}

}  // namespace

Result<VerifyReport> verify_shop(const std::string& dsn) {
  return catching_sql_errors("verify the shop", [&] { return verify(dsn); });
}

}  // namespace hintd::database::demo
