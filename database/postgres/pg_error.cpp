#include "database/postgres/pg_error.h"

#include <array>
#include <string>

namespace hintd::database {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool starts(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// The first line, without the severity that libpq puts before it.
std::string headline(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  for (const std::string_view severity : {"ERROR:", "FATAL:", "PANIC:"})
    if (starts(message, severity)) message.remove_prefix(severity.size());
  const auto first = message.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "no reason given";
  return std::string(message.substr(first, message.find_last_not_of(" \t\r") - first + 1));
}

struct ConnectionFault {
  std::string_view sign;  // part of libpq's message
  ErrorKind kind;
  std::string_view remedy;
};

constexpr std::array kConnectionFaults = {
    ConnectionFault{"password authentication failed", ErrorKind::kInvalidInput,
                    "correct the user or password in the DSN, PGPASSWORD or ~/.pgpass"},
    ConnectionFault{"no password supplied", ErrorKind::kInvalidInput,
                    "give the password in the DSN, PGPASSWORD or ~/.pgpass"},
    ConnectionFault{"authentication failed", ErrorKind::kInvalidInput,
                    "correct the user in the DSN, or allow it in the server's pg_hba.conf"},
    ConnectionFault{"no pg_hba.conf entry", ErrorKind::kInvalidInput,
                    "allow this user and address in the server's pg_hba.conf"},
    ConnectionFault{"database \"", ErrorKind::kInvalidInput,
                    "correct dbname in the DSN, or create the database"},
    ConnectionFault{"role \"", ErrorKind::kInvalidInput,
                    "correct user in the DSN, or create the role"},
    ConnectionFault{"invalid connection option", ErrorKind::kInvalidInput,
                    "use libpq's keywords, e.g. host=localhost dbname=shop"},
    ConnectionFault{"for connection option", ErrorKind::kInvalidInput,
                    "correct that option in the DSN"},
    ConnectionFault{"in connection info string", ErrorKind::kInvalidInput,
                    "write the DSN as host=localhost dbname=shop or postgresql://localhost/shop"},
    ConnectionFault{" in URI", ErrorKind::kInvalidInput,
                    "write the DSN as postgresql://user@host:port/database"},
    ConnectionFault{"invalid port number", ErrorKind::kInvalidInput, "give a port from 1 to 65535"},
    ConnectionFault{"could not translate host name", ErrorKind::kUnavailable,
                    "correct host in the DSN"},
    ConnectionFault{"starting up", ErrorKind::kUnavailable, "try again in a moment"},
    ConnectionFault{"shutting down", ErrorKind::kUnavailable, "start the server again"},
    ConnectionFault{"too many clients", ErrorKind::kUnavailable,
                    "close other connections or raise max_connections"},
};

struct StateFault {
  std::string_view prefix;  // of the SQLSTATE
  ErrorKind kind;
  std::string_view remedy;
};

constexpr std::array kStateFaults = {
    StateFault{"57014", ErrorKind::kCancelled, "run it again"},
    StateFault{"57P", ErrorKind::kUnavailable, "try again once the server is back"},
    StateFault{"08", ErrorKind::kUnavailable, "try again once the server is back"},
    StateFault{"53100", ErrorKind::kExhausted, "free space on the server's disk"},
    StateFault{"53", ErrorKind::kExhausted, "give the server more memory or fewer clients"},
    StateFault{"25006", ErrorKind::kQuery, "only read-only statements are run here"},
    StateFault{"42501", ErrorKind::kQuery, "grant the role of the DSN what the statement reads"},
};

}  // namespace

Error connection_error(std::string_view libpq_message) {
  const std::string message = "cannot connect to PostgreSQL: " + headline(libpq_message);
  for (const auto& fault : kConnectionFaults)
    if (has(message, fault.sign)) return {fault.kind, message, std::string(fault.remedy)};
  return {ErrorKind::kUnavailable, message,
          "start the server, or correct host and port in the DSN"};
}

Error statement_error(std::string_view sqlstate, std::string_view message) {
  std::string text = "PostgreSQL refused the statement: " + headline(message);
  if (!sqlstate.empty()) text += " (" + std::string(sqlstate) + ")";
  for (const auto& fault : kStateFaults)
    if (starts(sqlstate, fault.prefix)) return {fault.kind, text, std::string(fault.remedy)};
  return {ErrorKind::kQuery, text, "correct the statement"};
}

}  // namespace hintd::database
