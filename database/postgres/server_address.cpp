#include "database/postgres/server_address.h"

#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "database/postgres/connection.h"

namespace hintd::database {
namespace {

using DsnOptions = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

std::string option(PGconn* connection, std::string_view name) {
  const DsnOptions options(PQconninfo(connection), PQconninfoFree);
  for (const auto* at = options.get(); at != nullptr && at->keyword != nullptr; ++at)
    if (name == at->keyword && at->val != nullptr) return at->val;
  return {};
}

Result<DsnOptions> parsed(const std::string& dsn) {
  char* error = nullptr;
  DsnOptions options(PQconninfoParse(dsn.c_str(), &error), PQconninfoFree);
  const std::unique_ptr<char, void (*)(void*)> said(error, PQfreemem);
  if (options == nullptr)
    return fail(ErrorKind::kInvalidInput, std::string("the DSN cannot be read: ") + error,
                "write it as \"host=... dbname=...\"");
  return options;
}

// "name='value' "
std::string word(std::string_view name, std::string_view value) {
  std::string text = std::string(name) + "='";
  for (const char c : value)
    text += (c == '\'' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return text + "' ";
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

Result<std::string> dsn_at(const std::string& dsn, const std::string& host, int port) {
  HINTD_TRY(const auto options, parsed(dsn));
  std::string moved;
  for (const auto* at = options.get(); at->keyword != nullptr; ++at) {
    const std::string_view name = at->keyword;
    const bool of_address =
        name == "host" || name == "hostaddr" || name == "port" || name == "sslmode";
    if (!of_address && at->val != nullptr) moved += word(name, at->val);
  }
  return moved + word("host", host) + word("port", std::to_string(port)) +
         word("sslmode", "disable");
}

Result<OpenDsn> without_password(const std::string& dsn) {
  HINTD_TRY(const auto options, parsed(dsn));
  OpenDsn open;
  for (const auto* at = options.get(); at->keyword != nullptr; ++at) {
    if (at->val == nullptr) continue;
    if (std::string_view(at->keyword) == "password")
      open.password = at->val;
    else
      open.dsn += word(at->keyword, at->val);
  }
  return open;
}

Result<int> free_loopback_port() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = bind(probe, generic, size) == 0 && getsockname(probe, generic, &size) == 0;
  const std::string why = found ? "" : std::strerror(errno);
  close(probe);
  if (!found) return fail(ErrorKind::kUnavailable, "no free port: " + why, "");
  return ntohs(address.sin_port);
}

}  // namespace hintd::database
