#include "database/demo/shop_loader.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>
#include <utility>
#include <vector>

#include "core/check.h"
#include "database/demo/shop_data.h"
#include "database/demo/shop_metadata.h"
#include "database/demo/shop_schema.h"

namespace hintd::database::demo {
namespace {

constexpr std::size_t kMaxColumns = 9;
// Shares of the whole time, for the progress: rows, then indexes and keys, then VACUUM ANALYZE.
constexpr double kRowsShare = 0.7;
constexpr double kKeysShare = 0.25;

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
  Loader(const std::string& dsn, const ShopRecipe& recipe, const SetupProgress& progress)
      : first_(dsn), second_(dsn), data_(recipe), progress_(progress) {
    for (const auto& table : shop_tables()) expected_rows_ += data_.expected_rows(table.name);
  }

  std::map<std::string, std::int64_t> load() {
    std::vector<Work> tables;
    for (const auto& table : shop_tables())
      tables.push_back([this, &table](pqxx::connection& server) { load_table(server, table); });
    run(tables);
    run_statements(keys(), kRowsShare, kKeysShare);
    run_statements(vacuums(), kRowsShare + kKeysShare, 1 - kRowsShare - kKeysShare);
    finish();
    return rows_;
  }

 private:
  using Work = std::function<void(pqxx::connection&)>;
  // What is shown meanwhile, and the SQL.
  using Statements = std::vector<std::pair<std::string, std::string>>;

  // All of it, on both connections. Each piece begins after those before it have begun.
  void run(const std::vector<Work>& works) {
    std::atomic<std::size_t> next = 0;
    std::exception_ptr failed;
    const auto work_on = [&](pqxx::connection& server) {
      try {
        for (auto i = next++; i < works.size(); i = next++) works[i](server);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failed) failed = std::current_exception();
        next = works.size();
      }
    };
    std::thread beside(work_on, std::ref(second_));
    work_on(first_);
    beside.join();
    if (failed) std::rethrow_exception(failed);
  }

  // Table and rows in one transaction: a server with wal_level minimal then writes no log for them.
  void load_table(pqxx::connection& server, const Table& table) {
    pqxx::work transaction(server);
    transaction.exec(create_table(table));
    const std::int64_t rows = copy_rows(transaction, table);
    transaction.exec(add_primary_key(table));
    record_rows(transaction, table.name, rows);
    transaction.commit();
    const std::lock_guard lock(mutex_);
    rows_[std::string(table.name)] = rows;
  }

  std::int64_t copy_rows(pqxx::work& transaction, const Table& table) {
    constexpr std::int64_t kTellEvery = 8'192;
    const std::string phase = "loading " + std::string(table.name);
    pqxx::stream_to stream(transaction, std::string(table.name));
    std::int64_t rows = 0;
    data_.rows(table.name, [&](const Row& row) {
      write_row(stream, row);
      if (++rows % kTellEvery == 0) tell_rows(phase, kTellEvery);
    });
    stream.complete();
    tell_rows(phase, rows % kTellEvery);
    return rows;
  }

  void tell_rows(const std::string& phase, std::int64_t more) {
    const std::lock_guard lock(mutex_);
    loaded_rows_ += more;
    const double share = static_cast<double>(loaded_rows_) / static_cast<double>(expected_rows_);
    tell(phase, kRowsShare * std::min(1.0, share));
  }

  // Never less than before, though pieces may begin out of turn.
  void tell(const std::string& phase, double fraction) {
    told_ = std::max(told_, fraction);
    progress_(phase, told_);
  }

  static Statements keys() {
    Statements statements;
    for (const auto& index : shop_indexes())
      statements.emplace_back("indexing " + std::string(index.table), create_index(index));
    for (const auto& key : shop_foreign_keys())
      statements.emplace_back("checking keys of " + std::string(key.table), add_foreign_key(key));
    return statements;
  }

  static Statements vacuums() {
    Statements statements;
    for (const auto& table : shop_tables()) {
      const std::string name(table.name);
      statements.emplace_back("analyzing " + name, "VACUUM (ANALYZE) " + name);
    }
    return statements;
  }

  void run_statements(const Statements& statements, double begin, double share) {
    std::vector<Work> works;
    for (std::size_t i = 0; i < statements.size(); ++i)
      works.push_back([&, i](pqxx::connection& server) {
        const auto done = static_cast<double>(i) / static_cast<double>(statements.size());
        {
          const std::lock_guard lock(mutex_);
          tell(statements[i].first, begin + share * done);
        }
        pqxx::nontransaction(server).exec(statements[i].second);
      });
    run(works);
  }

  void finish() {
    pqxx::work transaction(first_);
    record_complete(transaction);
    transaction.commit();
    tell("loaded", 1);
  }

  pqxx::connection first_;
  pqxx::connection second_;
  ShopData data_;
  const SetupProgress& progress_;
  std::int64_t expected_rows_ = 0;
  std::mutex mutex_;  // of the rest
  std::int64_t loaded_rows_ = 0;
  double told_ = 0;
  std::map<std::string, std::int64_t> rows_;
};

}  // namespace

std::map<std::string, std::int64_t> load_shop(const std::string& dsn, const ShopRecipe& recipe,
                                              const SetupProgress& progress) {
  return Loader(dsn, recipe, progress).load();
}

}  // namespace hintd::database::demo
