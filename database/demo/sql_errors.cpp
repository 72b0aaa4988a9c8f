#include "database/demo/sql_errors.h"

#include <pqxx/pqxx>
#include <string>

#include "database/postgres/pg_error.h"

namespace hintd::database::demo {
namespace {

Error plain_error(const std::exception& exception) {
  // At a commit: a server that dies there has often run out of disk for its log.
  if (dynamic_cast<const pqxx::in_doubt_error*>(&exception) != nullptr) {
    return {ErrorKind::kUnavailable, "the server ended the connection",
            "see the last lines of its log; is its disk full?"};
  }
  if (dynamic_cast<const pqxx::broken_connection*>(&exception) != nullptr) {
    return connection_error(exception.what());
  }
  if (const auto* refused = dynamic_cast<const pqxx::sql_error*>(&exception)) {
    return statement_error(refused->sqlstate(), refused->what());
  }
  return {ErrorKind::kInternal, exception.what(), ""};
}

}  // namespace

Error sql_error(std::string_view doing, const std::exception& exception) {
  Error error = plain_error(exception);
  error.message = "cannot " + std::string(doing) + ": " + error.message;
  return error;
}

}  // namespace hintd::database::demo
