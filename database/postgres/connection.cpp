#include "database/postgres/connection.h"

#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>

#include "core/check.h"
#include "core/rng.h"
#include "database/postgres/pg_error.h"

namespace hintd::database {
namespace {

constexpr const char* kAway = "the connection was lost";

std::uint64_t row_hash(const pqxx::row& row) {
  std::uint64_t hash = 0;
  for (const auto& field : row)
    hash = hash_combine(hash, field.is_null() ? 1 : stable_hash({field.c_str(), field.size()}));
  return hash;
}

TextRow text_row(const pqxx::row& row) {
  TextRow texts;
  for (const auto& field : row)
    texts.push_back(field.is_null() ? std::nullopt : std::optional<std::string>(field.c_str()));
  return texts;
}

tl::unexpected<Error> gone(const char* what) {
  return fail(ErrorKind::kUnavailable, std::string("PostgreSQL went away: ") + what,
              "try again once the server is back");
}

}  // namespace

struct Connection::Session {
  explicit Session(const std::string& dsn) : connection(dsn), quiet(connection) {}

  // Calls use(result) with what the text answered.
  template <class Use>
  auto exec(const std::string& sql, Use use) -> Result<decltype(use(pqxx::result()))> {
    // libpqxx would reconnect by itself, and lose the session's settings unseen.
    if (!connection.is_open()) return gone(kAway);
    try {
      pqxx::nontransaction transaction(connection);
      return use(transaction.exec(sql));
    } catch (const pqxx::sql_error& error) {
      if (!connection.is_open()) return gone(kAway);
      return tl::unexpected(statement_error(error.sqlstate(), error.what()));
    } catch (const pqxx::broken_connection&) {
      return gone(kAway);
    } catch (const std::bad_alloc&) {
      return fail(ErrorKind::kExhausted, "a result did not fit into memory", "read fewer rows");
    } catch (const std::exception& error) {
      if (!connection.is_open()) return gone(kAway);
      return tl::unexpected(statement_error("", error.what()));
    }
  }

  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet;  // the server's notices are not for our terminal
};

std::string completed_dsn(const ConnectionConfig& config) {
  const std::string timeout = "connect_timeout=" + std::to_string(config.connect_timeout.count());
  const std::string name = "fallback_application_name=hintd";
  const bool uri =
      config.dsn.rfind("postgresql://", 0) == 0 || config.dsn.rfind("postgres://", 0) == 0;
  if (!uri) return name + " " + timeout + " " + config.dsn;  // of two values the last one holds

  std::string dsn = config.dsn + (config.dsn.find('?') == std::string::npos ? "?" : "&") + name;
  return config.dsn.find("connect_timeout=") == std::string::npos ? dsn + "&" + timeout : dsn;
}

Result<Connection> Connection::open(const ConnectionConfig& config) {
  HINTD_CHECK(config.connect_timeout.count() >= 1, "a connection without time to connect");
  std::unique_ptr<Session> session;
  try {
    session = std::make_unique<Session>(completed_dsn(config));
  } catch (const std::exception& error) {
    return tl::unexpected(connection_error(error.what()));
  }
  Connection connection(std::move(session));
  if (config.read_only)
    HINTD_TRY_STATUS(connection.query("SET default_transaction_read_only = on"));
  return connection;
}

Connection::Connection(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

bool Connection::is_open() const {
  return session_->connection.is_open();
}

int Connection::backend() const {
  return session_->connection.backendpid();
}

Result<Fetched> Connection::fetch(const std::string& sql) {
  const Stopwatch stopwatch;
  return session_->exec(sql, [&](const pqxx::result& result) {
    Fetched fetched{stopwatch.elapsed(), static_cast<std::int64_t>(result.size()), 0};
    for (const auto& row : result) fetched.hash += row_hash(row);
    return fetched;
  });
}

Result<std::vector<TextRow>> Connection::query(const std::string& sql) {
  return session_->exec(sql, [](const pqxx::result& result) {
    std::vector<TextRow> rows;
    for (const auto& row : result) rows.push_back(text_row(row));
    return rows;
  });
}

void Connection::cancel() noexcept {
  try {
    session_->connection.cancel_query();
  } catch (const std::exception&) {
    // The server is away: then the statement has ended, too.
  }
}

}  // namespace hintd::database
