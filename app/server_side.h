// hintd init-role and hintd doctor: what the server must offer.
#pragma once

#include "app/commands.h"
#include "database/postgres/service_role.h"

namespace hintd::app {

struct InitRoleCommand {
  database::ServiceRole role;
  bool apply = false;
};
int init_role(const CommonOptions& common, const InitRoleCommand& command);

int doctor(const CommonOptions& common);

}  // namespace hintd::app
