// The database a command works on: the one a DSN names, or the private cluster's shop.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/progress.h"
#include "core/result.h"
#include "database/demo/private_cluster.h"

namespace hintd::app {

// Owns the private cluster where there is one, and stops it in the end if it started it.
class DemoDatabase {
 public:
  // `dsn` empty: starts the private cluster under data_dir/pg, with an empty database of this name
  // if new.
  static Result<DemoDatabase> open(const std::string& dsn, const std::filesystem::path& data_dir,
                                   Progress& progress, const std::string& name = "shop");

  const std::string& dsn() const { return dsn_; }
  bool is_private() const { return cluster_.has_value(); }

  // Stops and starts the private cluster; another's server only loses its sessions with this
  // database (pg_terminate_backend).
  Status restart();

 private:
  std::string dsn_;
  database::PrivateClusterConfig config_;
  std::optional<database::PrivateCluster> cluster_;
};

}  // namespace hintd::app
