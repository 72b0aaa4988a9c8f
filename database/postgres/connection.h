// One session with a PostgreSQL server. The edge at which libpqxx ends: no exception leaves it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace hintd::database {

struct ConnectionConfig {
  std::string dsn;                          // libpq keywords or URI; empty: libpq's defaults
  std::chrono::seconds connect_timeout{5};  // 1 to 3600; connect_timeout in the DSN wins
  bool read_only = true;                    // refuse whatever writes, for the whole session
};

// A result whose rows were counted and hashed, not kept.
struct Fetched {
  Millis latency{0};  // from sending the text until the last row was here
  std::int64_t rows = 0;
  std::uint64_t hash = 0;  // sum of the rows' hashes, over the values as text
};

using TextRow = std::vector<std::optional<std::string>>;  // NULL: nullopt

// Movable. Not thread-safe but for cancel(). Closes the session when destroyed.
class Connection {
 public:
  // Fails as connection_error (pg_error.h) says.
  static Result<Connection> open(const ConnectionConfig& config);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // False once the server was seen to have gone; the session cannot be used any more.
  bool is_open() const;

  // Both send the text as one simple-protocol message and answer the result of its last statement.
  // Several statements in one text are one transaction. Fail as statement_error (pg_error.h) says;
  // the session stays usable unless the error is kUnavailable.
  Result<Fetched> fetch(const std::string& sql);
  Result<std::vector<TextRow>> query(const std::string& sql);

  // The server's process that serves it.
  int backend() const;

  // Asks the server to end the statement in progress; from any thread. Returns once the server has
  // been told.
  void cancel() noexcept;

 private:
  struct Session;
  explicit Connection(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

// The DSN with hintd's name and the time-out added where it does not set its own.
std::string completed_dsn(const ConnectionConfig& config);

}  // namespace hintd::database
