// A private PostgreSQL for a test program: started when first asked for, in a fresh folder, stopped
// and removed when the program ends.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "database/demo/private_cluster.h"

namespace hintd::test {

// A folder that is gone at the end of its scope. Others may enter it: as root the server is another
// user.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = std::filesystem::temp_directory_path() / "hintd-test-XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make " + name);
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms{0755});
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

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
