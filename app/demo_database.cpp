#include "app/demo_database.h"

#include "database/postgres/connection.h"

namespace hintd::app {

Result<DemoDatabase> DemoDatabase::open(const std::string& dsn,
                                        const std::filesystem::path& data_dir, Progress& progress,
                                        const std::string& name) {
  DemoDatabase database;
  if (!dsn.empty()) {
    database.dsn_ = dsn;
    return database;
  }
  auto& config = database.config_;
  config.folder = std::filesystem::absolute(data_dir) / "pg";
  progress.update("starting the private PostgreSQL cluster");
  HINTD_TRY(auto cluster, database::PrivateCluster::start(config));
  progress.say((cluster.was_running() ? "private PostgreSQL runs already in "
                                      : "private PostgreSQL started in ") +
               cluster.folder().string());
  HINTD_TRY_STATUS(cluster.create_database_if_missing(name));
  database.dsn_ = cluster.dsn(name);
  database.cluster_.emplace(std::move(cluster));
  return database;
}

Status DemoDatabase::restart() {
  if (cluster_) {
    HINTD_TRY_STATUS(cluster_->stop());
    cluster_.reset();
    HINTD_TRY(auto cluster, database::PrivateCluster::start(config_));
    cluster_.emplace(std::move(cluster));
    return {};
  }
  HINTD_TRY(auto connection, database::Connection::open({dsn_}));
  HINTD_TRY_STATUS(
      connection.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                       "datname = current_database() AND pid <> pg_backend_pid()"));
  return {};
}

}  // namespace hintd::app
