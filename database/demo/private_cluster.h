// A PostgreSQL server of hintd's own, in one folder, apart from any other on the machine.
//
// The folder holds data/ (the cluster), run/ (its socket), server.log. The server opens no port: it
// is reached through the socket alone, whose folder only its user may enter, and trusts whoever
// gets there. As root the server runs as the user postgres and the folder is made that user's;
// where that user cannot reach the folder, one under /var/tmp is used instead and moved_from() says
// so.
//
// The server outlives the process that started it: Ctrl-C does not reach it and a crash does not
// stop it. Whoever handles signals lets the destructor run or calls stop(). By hand, as the user
// that owns data/: pg_ctl -D <folder>/data stop -m fast. A later start() takes over what still
// runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/result.h"
#include "database/demo/private_cluster_process.h"

namespace hintd::database {

struct PrivateClusterConfig {
  std::filesystem::path folder;        // made when missing; must be empty or a cluster of ours
  std::int64_t memory_mb = 0;          // what the settings reckon with; 0: the machine's
  std::chrono::seconds patience{120};  // for the server to start or stop; 1 to 3600
};

// Movable. Not thread-safe.
class PrivateCluster {
 public:
  // Makes the cluster where there is none (an interrupted making is begun anew), starts the server
  // unless it runs, and answers once it takes connections. Waits for another process that is
  // doing the same. kConflict when the folder holds something else or belongs to somebody else;
  // kNotFound when PostgreSQL is not installed; kUnavailable, with the last line of the server's
  // log, when it does not come up.
  static Result<PrivateCluster> start(const PrivateClusterConfig& config);

  PrivateCluster(PrivateCluster&& other) noexcept;
  PrivateCluster& operator=(PrivateCluster&&) = delete;
  // Stops the server if this object started it.
  ~PrivateCluster();

  // Fast shutdown: open transactions are rolled back, sessions closed, everything is on disk
  // afterwards. Fine when it does not run.
  Status stop();

  // For libpq, as the cluster's superuser.
  std::string dsn(const std::string& database) const;
  // The name is used as it is, not folded to lower case.
  Status create_database_if_missing(const std::string& name);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path data_folder() const { return folder_ / "data"; }
  std::filesystem::path log_file() const { return folder_ / "server.log"; }
  // The folder that was asked for, when the server's user could not reach it.
  const std::optional<std::filesystem::path>& moved_from() const { return moved_from_; }
  bool was_running() const { return !started_here_; }

 private:
  explicit PrivateCluster(const PrivateClusterConfig& config) : config_(config) {}
  Status choose_folders();
  Status make_cluster(const std::filesystem::path& programs) const;
  Status write_conf() const;
  Status launch(const std::filesystem::path& programs) const;
  Status wait_until_ready() const;

  PrivateClusterConfig config_;
  ServerUser user_;
  std::filesystem::path folder_;
  std::filesystem::path socket_directory_;
  std::optional<std::filesystem::path> moved_from_;
  bool started_here_ = false;
};

}  // namespace hintd::database
