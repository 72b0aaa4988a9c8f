// Running PostgreSQL's programs, as the user that may run them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace hintd::database {

// Who the server runs as: ourselves, or the user postgres when we are root, because PostgreSQL
// refuses to run as root.
struct ServerUser {
  uid_t uid = 0;
  gid_t gid = 0;
  bool is_other = false;  // not ourselves
};
Result<ServerUser> server_user();

struct Finished {
  int status = 0;      // the exit status; 128 + signal when it was killed
  std::string output;  // the last 4000 bytes of standard output and error together
};

// Runs a program to its end, with the user's rights and "/" as its folder, without a shell. The
// child starts a process group of its own, so that Ctrl-C in a terminal does not reach it.
// kUnavailable when it cannot be started.
Result<Finished> run_as(const ServerUser& user, const std::vector<std::string>& command);

// The folder of PostgreSQL's programs: Debian's for `version` ("15"; empty: 15, then newer), then
// PATH. kNotFound with what to install.
Result<std::filesystem::path> find_postgres_programs(const std::string& version);

}  // namespace hintd::database
