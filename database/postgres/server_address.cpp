#include "database/postgres/server_address.h"

#include <libpq-fe.h>

#include <charconv>
#include <memory>

#include "database/postgres/connection.h"

namespace hintd::database {
namespace {

std::string option(PGconn* connection, std::string_view name) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfo(connection), PQconninfoFree);
  for (const auto* at = options.get(); at != nullptr && at->keyword != nullptr; ++at)
    if (name == at->keyword && at->val != nullptr) return at->val;
  return {};
}

}  // namespace

Result<ServerEndpoint> find_server(const std::string& dsn) {
  const ConnectionConfig config{dsn};
  HINTD_TRY(const auto reachable, Connection::open(config));  // says well why it cannot
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectdb(completed_dsn(config).c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return fail(ErrorKind::kUnavailable, "the server went away while hintd asked for its address");
  ServerEndpoint server;
  server.host = PQhost(connection.get());
  const std::string_view port = PQport(connection.get());
  std::from_chars(port.data(), port.data() + port.size(), server.port);
  server.database = PQdb(connection.get());
  server.user = PQuser(connection.get());
  server.sslmode = option(connection.get(), "sslmode");
  server.sslrootcert = option(connection.get(), "sslrootcert");
  return server;
}

}  // namespace hintd::database
