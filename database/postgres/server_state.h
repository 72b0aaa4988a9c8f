// What may change about a server beneath a policy: restarts, the schema, statistics, load.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "database/postgres/connection.h"

namespace hintd::database {

struct ServerState {
  std::string started;      // when the server started, as text
  std::string schema_hash;  // of every user table's columns and indexes
  std::string
      analyzed;         // when any user table was last analyzed, by hand or by itself; may be empty
  double backends = 0;  // active, others than this one
};

Result<ServerState> read_server_state(Connection& connection);

// Share of max_connections, 0..1.
Result<double> connections_in_use(Connection& connection);

// What happened between two readings, one line each: "server_restarted", "schema_changed",
// "analyzed", "load_changed" (active backends more than doubled, or fell below half).
struct ServerChange {
  std::string name;
  std::string detail;
};
std::vector<ServerChange> changes(const ServerState& before, const ServerState& after);

}  // namespace hintd::database
