// The role that hintd works under: it may log in, watch and read, and nothing else.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace hintd::database {

struct ServiceRole {
  std::string name = "hintd";
  std::string database;                           // which it may connect to
  int connection_limit = 10;                      // its sessions at a time
  int statement_timeout_s = 600;                  // of its own statements, those of exploring
  std::vector<std::string> schemas = {"public"};  // whose tables it may read; none: no exploring
};

// SQL, a statement a line, that makes the role or brings it to this state, run as often as one
// likes. It gets no password: that is set with psql's \password, or the role is identified by
// pg_hba.conf. kInvalidInput for empty names and those of system roles.
Result<std::vector<std::string>> service_role_sql(const ServiceRole& role);

// Runs it, in one transaction. Needs CREATEROLE and ownership, or a superuser.
Status apply_service_role(const std::string& dsn, const ServiceRole& role);

}  // namespace hintd::database
