#include "app/demo_database.h"

namespace hintd::app {

Result<DemoDatabase> DemoDatabase::open(const std::string& dsn,
                                        const std::filesystem::path& data_dir, Progress& progress) {
  DemoDatabase database;
  if (!dsn.empty()) {
    database.dsn_ = dsn;
    return database;
  }
  database::PrivateClusterConfig config;
  config.folder = std::filesystem::absolute(data_dir) / "pg";
  progress.update("starting the private PostgreSQL cluster");
  HINTD_TRY(auto cluster, database::PrivateCluster::start(config));
  progress.say((cluster.was_running() ? "private PostgreSQL runs already in "
                                      : "private PostgreSQL started in ") +
               cluster.folder().string());
  HINTD_TRY_STATUS(cluster.create_database_if_missing("shop"));
  database.dsn_ = cluster.dsn("shop");
  database.cluster_.emplace(std::move(cluster));
  return database;
}

}  // namespace hintd::app
