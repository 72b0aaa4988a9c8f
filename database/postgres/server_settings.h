// What the server is and how it is set up, as far as plans depend on it; and which hint sets it
// takes.
#pragma once

#include <string>
#include <vector>

#include "core/hint_set.h"
#include "database/postgres/connection.h"

namespace hintd::database {

struct ServerSetting {
  std::string name;
  std::string value;     // as SHOW prints it, with its unit
  bool changed = false;  // differs from PostgreSQL's own default
};

struct ServerSettings {
  std::string version;                  // "15.14 (Debian 15.14-0+deb12u1)"
  std::vector<ServerSetting> settings;  // those that plans and their speed depend on, by name
};

Result<ServerSettings> read_server_settings(Connection& connection);

// "shop@7301938471": which database of which cluster, as long as it lives. What was measured on one
// holds for no other.
Result<std::string> read_server_identity(Connection& connection);

// Makes a role without login that may read everything and write nothing, unless it is there.
Status make_reading_role(const std::string& dsn, const std::string& name);

struct RefusedHintSet {
  std::string name;
  std::string message;  // the server's own
};

struct ValidatedCatalogue {
  HintCatalogue catalogue;  // what the server accepts, in the given order; the default always
  std::vector<RefusedHintSet> refused;
};

// Tries each hint set in a transaction of its own and leaves nothing set. Fails only when the
// server cannot be asked. Arm numbers of the answered catalogue differ from the given one's where a
// set was refused.
Result<ValidatedCatalogue> validate_catalogue(Connection& connection,
                                              const HintCatalogue& catalogue);

}  // namespace hintd::database
