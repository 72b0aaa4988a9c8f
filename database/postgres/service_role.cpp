#include "database/postgres/service_role.h"

#include "database/postgres/connection.h"

namespace hintd::database {
namespace {

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

std::string identifier(std::string_view name) {
  return doubled(name, '"');
}

Status check_name(const char* what, const std::string& name) {
  if (!name.empty() && name.size() < 64 && !name.starts_with("pg_") && name.find('\0') == name.npos)
    return {};
  return fail(ErrorKind::kInvalidInput, std::string("'") + name + "' is no " + what,
              "name one of 1 to 63 bytes that does not begin with pg_");
}

}  // namespace

Result<std::vector<std::string>> service_role_sql(const ServiceRole& role) {
  HINTD_TRY_STATUS(check_name("role", role.name));
  HINTD_TRY_STATUS(check_name("database", role.database));
  const auto name = identifier(role.name);
  std::vector<std::string> sql = {

      "DO $hintd_service_role$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = " +
          doubled(role.name, '\'') + ") THEN CREATE ROLE " + name +
          "; END IF; END $hintd_service_role$",
      "ALTER ROLE " + name +
          " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT " +
          std::to_string(role.connection_limit),
      "ALTER ROLE " + name + " SET default_transaction_read_only = on",
      "ALTER ROLE " + name + " SET statement_timeout = '" +
          std::to_string(role.statement_timeout_s) + "s'",
      "GRANT pg_monitor TO " + name,
      "GRANT CONNECT ON DATABASE " + identifier(role.database) + " TO " + name};
  for (const auto& schema : role.schemas) {
    HINTD_TRY_STATUS(check_name("schema", schema));
    const auto quoted = identifier(schema);
    sql.push_back("GRANT USAGE ON SCHEMA " + quoted + " TO " + name);
    sql.push_back("GRANT SELECT ON ALL TABLES IN SCHEMA " + quoted + " TO " + name);
    sql.push_back("ALTER DEFAULT PRIVILEGES IN SCHEMA " + quoted + " GRANT SELECT ON TABLES TO " +
                  name);
  }
  return sql;
}

Status apply_service_role(const std::string& dsn, const ServiceRole& role) {
  HINTD_TRY(const auto sql, service_role_sql(role));
  HINTD_TRY(auto connection, Connection::open({dsn, std::chrono::seconds(5), false}));
  // One message is one transaction.
  std::string message;
  for (const auto& statement : sql) message += statement + ";\n";
  HINTD_TRY_STATUS(connection.query(message));
  return {};
}

}  // namespace hintd::database
