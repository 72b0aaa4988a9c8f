// How PostgreSQL fares: connections, its cache, the database's size.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/operations.h"
#include "database/postgres/connection.h"

namespace hintd::app {

// Thread-safe. Asks over a connection of its own, made at the first question.
class ServerGauges {
 public:
  explicit ServerGauges(std::string dsn) : dsn_(std::move(dsn)) {}

  // At most five seconds old; empty while the server cannot be asked.
  std::vector<Gauge> gauges();

 private:
  Result<std::vector<Gauge>> read();

  const std::string dsn_;
  std::mutex mutex_;
  std::optional<database::Connection> connection_;
  std::optional<Stopwatch> since_asked_;
  std::vector<Gauge> last_;
};

}  // namespace hintd::app
