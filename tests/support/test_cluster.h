// A private PostgreSQL for a test program: started when first asked for, in a fresh folder, stopped
// and removed when the program ends.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "database/demo/private_cluster.h"
#include "scratch_folder.h"

namespace hintd::test {

inline constexpr std::int64_t kTestMemoryMb = 512;

inline bool have_postgres() {
  return database::find_postgres_programs("").has_value();
}

// Throws what went wrong, which fails the test that asked.
inline database::PrivateCluster& cluster() {
  struct Running {
    ScratchFolder folder;
    std::optional<database::PrivateCluster> cluster;
    ~Running() {
      if (!cluster) return;
      (void)cluster->stop();
      std::error_code ignored;  // it may have moved out of the scratch folder
      std::filesystem::remove_all(cluster->folder(), ignored);
    }
  };
  static Running running;
  if (!running.cluster) {
    auto started = database::PrivateCluster::start({running.folder.path() / "pg", kTestMemoryMb});
    if (!started) throw std::runtime_error(started.error().text());
    running.cluster.emplace(std::move(*started));
  }
  return *running.cluster;
}

inline std::string cluster_dsn(const std::string& database = "postgres") {
  return cluster().dsn(database);
}

}  // namespace hintd::test

#define HINTD_NEEDS_POSTGRES()         \
  if (!::hintd::test::have_postgres()) \
  GTEST_SKIP() << "PostgreSQL is not installed: install postgresql-15"
