#include <gtest/gtest.h>

#include <sstream>

#include "database/demo/private_cluster_conf.h"

namespace hintd::database {
namespace {

bool holds(const std::string& conf, const std::string& line) {
  return conf.find("\n" + line + "\n") != std::string::npos;
}

TEST(ClusterConfTest, SharedBuffersAreAQuarterOfTheMemory) {
  const auto conf = cluster_conf(4096, "/run/pg");
  EXPECT_TRUE(holds(conf, "shared_buffers = 1024MB"));
  EXPECT_TRUE(holds(conf, "effective_cache_size = 2048MB"));
  EXPECT_TRUE(holds(conf, "maintenance_work_mem = 256MB"));
}

TEST(ClusterConfTest, SharedBuffersAreTwoGigabytesAtMost) {
  EXPECT_TRUE(holds(cluster_conf(64 * 1024, "/run/pg"), "shared_buffers = 2048MB"));
}

TEST(ClusterConfTest, ATinyMachineStillGetsAServer) {
  const auto conf = cluster_conf(1, "/run/pg");
  EXPECT_TRUE(holds(conf, "shared_buffers = 32MB"));
  EXPECT_TRUE(holds(conf, "effective_cache_size = 32MB"));
  EXPECT_TRUE(holds(conf, "maintenance_work_mem = 16MB"));
}

TEST(ClusterConfTest, EverySettingHasItsReason) {
  const auto conf = cluster_conf(4096, "/run/pg");
  std::istringstream lines(conf);
  std::string before;
  for (std::string line; std::getline(lines, line); before = line) {
    if (line.find(" = ") == std::string::npos) continue;
    EXPECT_EQ(before.substr(0, 2), "# ") << line;
  }
}

TEST(ClusterConfTest, TheSocketsFolderIsQuoted) {
  EXPECT_TRUE(holds(cluster_conf(512, "/it's here"), "unix_socket_directories = '/it''s here'"));
}

TEST(ClusterConfTest, TheMachineHasSomeMemory) {
  EXPECT_GE(usable_memory_mb(), 64);
}

}  // namespace
}  // namespace hintd::database
