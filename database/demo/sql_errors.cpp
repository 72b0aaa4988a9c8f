#include "database/demo/sql_errors.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <string>

namespace hintd::database::demo {
namespace {

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

struct KindAndRemedy {
  ErrorKind kind;
  std::string remedy;
};

KindAndRemedy classify(const std::string& sqlstate) {
  if (sqlstate == "57014") return {ErrorKind::kCancelled, ""};
  if (sqlstate.starts_with("53")) {
    return {ErrorKind::kExhausted, "free disk space or memory on the server, then run again"};
  }
  if (sqlstate.starts_with("57P")) return {ErrorKind::kUnavailable, "run again"};
  if (sqlstate == "42P01") return {ErrorKind::kNotFound, "load the shop with hintd setup"};
  return {ErrorKind::kQuery, ""};
}

}  // namespace

Error sql_error(std::string_view doing, const std::exception& exception) {
  const std::string message = "cannot " + std::string(doing) + ": " + one_line(exception.what());
  if (dynamic_cast<const pqxx::broken_connection*>(&exception) != nullptr) {
    return {ErrorKind::kUnavailable, message, "check the server and the DSN, then run again"};
  }
  if (const auto* refused = dynamic_cast<const pqxx::sql_error*>(&exception)) {
    const auto [kind, remedy] = classify(refused->sqlstate());
    return {kind, message, remedy};
  }
  return {ErrorKind::kInternal, message, ""};
}

}  // namespace hintd::database::demo
