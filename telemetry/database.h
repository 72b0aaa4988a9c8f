// SQLite as the room uses it: connections and prepared statements that close themselves, failures
// as Results. Not thread-safe: one connection, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hintd::telemetry {

// Bytes, where text would have to be UTF-8.
struct Blob {
  std::string_view bytes;
};

// A prepared statement; must not outlive its Database. Parameters and columns count from 0.
class Statement {
 public:
  // Binds, runs to the end and resets: for statements that answer no rows.
  template <class... Values>
  Status run(const Values&... values) {
    HINTD_TRY_STATUS(bind(values...));
    return finish();
  }

  // Binds, then calls visit(*this) for each row.
  template <class Visit, class... Values>
  Status for_each(Visit visit, const Values&... values) {
    HINTD_TRY_STATUS(bind(values...));
    for (;;) {
      HINTD_TRY(const bool row, step());
      if (!row) return {};
      visit(std::as_const(*this));
    }
  }

  std::int64_t integer(int column) const;
  // NaN for NULL.
  double real(int column) const;
  // Valid until the next step; empty for NULL.
  std::string_view text(int column) const;
  // The same of a Blob.
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  template <class... Values>
  Status bind(const Values&... values) {
    int index = 0;
    bool fine = true;
    ((fine = bind_at(index++, values) && fine), ...);
    return fine ? Status{} : failure();
  }
  bool bind_at(int index, std::int64_t value);
  bool bind_at(int index, double value);
  bool bind_at(int index, std::string_view value);
  bool bind_at(int index, std::optional<std::int64_t> value);
  bool bind_at(int index, Blob value);

  Result<bool> step();
  Status finish();
  Status failure();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Access { kReadWrite, kReadOnly };

  // kReadWrite creates the file when there is none; kReadOnly answers kNotFound. Failures, here and
  // below:
  //   kCorrupt      not an SQLite file, or a damaged one
  //   kExhausted    the disk is full or failing
  //   kUnavailable  locked by another process, or not to be opened
  static Result<Database> open(const std::filesystem::path& path, Access access);

  // Runs one or more statements without parameters.
  Status execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the only row.
  Result<std::int64_t> integer(std::string_view sql);
  std::int64_t last_insert_id() const;
  // Rows that the last statement inserted, changed or deleted itself.
  std::int64_t changes() const;

  // Copies the whole file into a new one as it stood at one moment, beside writers that go on
  // (SQLite's backup API). kConflict when there is such a file.
  Status copy_to(const std::filesystem::path& path);

  // The file's name, for messages.
  std::string path() const;

  // Nothing happens outside a transaction.
  void rollback() noexcept;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace hintd::telemetry
