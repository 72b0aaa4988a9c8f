#include "telemetry/database.h"

#include <sqlite3.h>

#include <limits>
#include <string>

namespace hintd::telemetry {
namespace {

constexpr int kBusyTimeoutMs = 1000;

tl::unexpected<Error> sqlite_failure(sqlite3* handle) {
  const std::string where = sqlite3_db_filename(handle, "main");
  const std::string message = where + ": " + sqlite3_errmsg(handle);
  switch (sqlite3_errcode(handle)) {
    case SQLITE_NOTADB:
      return fail(ErrorKind::kCorrupt, where + " is not an SQLite file",
                  "name another telemetry file, or move this one away");
    case SQLITE_CORRUPT:
      return fail(ErrorKind::kCorrupt, where + " is damaged",
                  "restore a backup, or move the file away to start anew");
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return fail(ErrorKind::kExhausted, message, "free space on that disk, or check it");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorKind::kUnavailable, message, "another process is writing to it");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return fail(ErrorKind::kUnavailable, message,
                  "check that the folder exists and that you may write there");
    default:
      return fail(ErrorKind::kInternal, message);
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = sqlite3_column_blob(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool Statement::bind_at(int index, std::int64_t value) {
  return sqlite3_bind_int64(statement_.get(), index + 1, value) == SQLITE_OK;
}

bool Statement::bind_at(int index, double value) {
  return sqlite3_bind_double(statement_.get(), index + 1, value) == SQLITE_OK;
}

bool Statement::bind_at(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty view may hold one.
  const char* bytes = value.empty() ? "" : value.data();
  return sqlite3_bind_text64(statement_.get(), index + 1, bytes, value.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8) == SQLITE_OK;
}

bool Statement::bind_at(int index, std::optional<std::int64_t> value) {
  if (value) return bind_at(index, *value);
  return sqlite3_bind_null(statement_.get(), index + 1) == SQLITE_OK;
}

bool Statement::bind_at(int index, Blob value) {
  const char* bytes = value.bytes.empty() ? "" : value.bytes.data();
  return sqlite3_bind_blob64(statement_.get(), index + 1, bytes, value.bytes.size(),
                             SQLITE_TRANSIENT) == SQLITE_OK;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) return tl::make_unexpected(failure().error());
  sqlite3_reset(statement_.get());
  return false;
}

Status Statement::finish() {
  for (;;) {
    HINTD_TRY(const bool row, step());
    if (!row) return {};
  }
}

Status Statement::failure() {
  Status answer = sqlite_failure(sqlite3_db_handle(statement_.get()));
  sqlite3_reset(statement_.get());
  return answer;
}

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
  std::error_code ignored;
  if (access == Access::kReadOnly && !std::filesystem::exists(path, ignored))
    return fail(ErrorKind::kNotFound, "there is no telemetry at " + path.string(),
                "run hintd demo first, or name another file");

  const int flags = access == Access::kReadOnly ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (code != SQLITE_OK)
    return fail(ErrorKind::kUnavailable,
                "cannot open " + path.string() + ": " + sqlite3_errstr(code),
                "check that the folder exists and that you may write there");
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return database;
}

Status Database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_failure(handle_.get());
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return sqlite_failure(handle_.get());
  return Statement(statement);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  HINTD_TRY(auto statement, prepare(sql));
  std::int64_t answer = 0;
  HINTD_TRY_STATUS(statement.for_each([&](const Statement& row) { answer = row.integer(0); }));
  return answer;
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_.get());
}

Status Database::copy_to(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    return fail(ErrorKind::kConflict, path.string() + " is there already", "name another file");
  HINTD_TRY(auto copy, open(path, Access::kReadWrite));
  auto* backup = sqlite3_backup_init(copy.handle_.get(), "main", handle_.get(), "main");
  if (backup == nullptr) return sqlite_failure(copy.handle_.get());
  // All pages in one step: one read transaction, which writers in WAL mode do not wait for.
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) return sqlite_failure(copy.handle_.get());
  return {};
}

std::string Database::path() const {
  return sqlite3_db_filename(handle_.get(), "main");
}

void Database::rollback() noexcept {
  if (sqlite3_get_autocommit(handle_.get()) == 0)
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace hintd::telemetry
