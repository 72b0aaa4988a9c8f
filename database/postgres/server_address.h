// Where a DSN leads, for those who speak the wire protocol themselves.
#pragma once

#include <string>

#include "core/result.h"

namespace hintd::database {

struct ServerEndpoint {
  std::string host;  // a name or IP, or the folder of a unix socket
  int port = 5432;
  std::string database;
  std::string user;
  std::string sslmode;      // as libpq takes it: "prefer", "verify-full", ...
  std::string sslrootcert;  // empty where none is given
};

// Connects once, so that service files, environment and defaults count, and a server that cannot be
// reached is found out. Fails as Connection::open does.
Result<ServerEndpoint> find_server(const std::string& dsn);

// The same DSN, but for the address and without TLS. kInvalidInput for what is no DSN.
Result<std::string> dsn_at(const std::string& dsn, const std::string& host, int port);

// The same DSN, fit for a command line, which every user of the machine can read.
struct OpenDsn {
  std::string dsn;
  std::string password;  // empty where it held none
};
// kInvalidInput for what is no DSN.
Result<OpenDsn> without_password(const std::string& dsn);

// A TCP port of 127.0.0.1 on which nobody listens now. kUnavailable where there is none.
Result<int> free_loopback_port();

}  // namespace hintd::database
