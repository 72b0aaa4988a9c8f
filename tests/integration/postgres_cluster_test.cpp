#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "database/demo/private_cluster.h"
#include "database/postgres/connection.h"
#include "test_cluster.h"

namespace hintd::database {
namespace {

namespace fs = std::filesystem;

class PrivateClusterTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }

  Result<PrivateCluster> start() const { return PrivateCluster::start(config_); }

  static std::string ask(const PrivateCluster& cluster, const std::string& sql) {
    auto connection = Connection::open({cluster.dsn("postgres")});
    if (!connection) return connection.error().text();
    const auto rows = connection->query(sql);
    return rows ? rows->at(0).at(0).value_or("NULL") : rows.error().text();
  }

  test::ScratchFolder scratch_;
  PrivateClusterConfig config_{scratch_.path() / "pg", test::kTestMemoryMb};
};

TEST_F(PrivateClusterTest, StartsAnswersAndStops) {
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  EXPECT_EQ(ask(*cluster, "SELECT 6 * 7"), "42");
  EXPECT_EQ(ask(*cluster, "SHOW shared_buffers"), "128MB");
  EXPECT_EQ(ask(*cluster, "SHOW listen_addresses"), "");
  EXPECT_EQ(ask(*cluster, "SHOW server_encoding"), "UTF8");
  EXPECT_EQ(ask(*cluster, "SHOW fsync"), "on");
  ASSERT_TRUE(cluster->stop());
  EXPECT_FALSE(fs::exists(cluster->data_folder() / "postmaster.pid"));
  EXPECT_TRUE(cluster->stop()) << "stopping twice is fine";
}

TEST_F(PrivateClusterTest, LetsNobodyElseIntoItsFolders) {
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  for (const auto& folder : {cluster->folder(), cluster->folder() / "run", cluster->data_folder()})
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all) << folder;
}

TEST_F(PrivateClusterTest, ASecondStartTakesOverAndDoesNotStopIt) {
  auto first = start();
  ASSERT_TRUE(first) << first.error().text();
  {
    auto second = start();
    ASSERT_TRUE(second) << second.error().text();
    EXPECT_TRUE(second->was_running());
    EXPECT_FALSE(first->was_running());
  }
  EXPECT_EQ(ask(*first, "SELECT 1"), "1");
}

TEST_F(PrivateClusterTest, KeepsItsDatabasesOverARestart) {
  {
    auto cluster = start();
    ASSERT_TRUE(cluster) << cluster.error().text();
    ASSERT_TRUE(cluster->create_database_if_missing("Odd \"name\""));
    ASSERT_TRUE(cluster->create_database_if_missing("Odd \"name\"")) << "twice is fine";
  }
  auto again = start();
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_TRUE(Connection::open({again->dsn("Odd \"name\"")}));
}

TEST_F(PrivateClusterTest, ComesBackAfterTheServerWasKilled) {
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  pid_t server = 0;
  std::ifstream(cluster->data_folder() / "postmaster.pid") >> server;
  ASSERT_GT(server, 1);
  ASSERT_EQ(kill(server, SIGKILL), 0);
  auto again = start();
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_FALSE(again->was_running());
  EXPECT_EQ(ask(*again, "SELECT 1"), "1");
}

TEST_F(PrivateClusterTest, AStalePidFileOfALivingStrangerIsNoObstacle) {
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  const auto pid_file = cluster->data_folder() / "postmaster.pid";
  ASSERT_TRUE(cluster->stop());
  std::ofstream(pid_file) << getpid() << "\n" << cluster->data_folder().string() << "\n1\n5432\n";
  auto again = start();
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(ask(*again, "SELECT 1"), "1");
}

TEST_F(PrivateClusterTest, AnInterruptedMakingIsBegunAnew) {
  fs::create_directories(config_.folder / "data.new" / "base");
  std::ofstream(config_.folder / "data.new" / "PG_VERSION") << "15\n";
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  EXPECT_EQ(ask(*cluster, "SELECT 1"), "1");
}

TEST_F(PrivateClusterTest, RefusesAFolderThatHoldsSomethingElse) {
  fs::create_directories(config_.folder);
  std::ofstream(config_.folder / "thesis.txt") << "years of work";
  const auto refused = start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_NE(refused.error().message.find("thesis.txt"), std::string::npos);
}

TEST_F(PrivateClusterTest, SaysWhyTheServerDoesNotStart) {
  {
    auto cluster = start();
    ASSERT_TRUE(cluster) << cluster.error().text();
    ASSERT_TRUE(cluster->stop());
    std::ofstream(cluster->data_folder() / "postgresql.conf", std::ios::app) << "no_such = 1\n";
  }
  const auto refused = start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find("did not start"), std::string::npos);
  EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
  EXPECT_NE(refused.error().remedy.find("server.log"), std::string::npos);
}

TEST_F(PrivateClusterTest, ALongPathStillGetsASocket) {
  config_.folder = scratch_.path() / std::string(120, 'x') / "pg";
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  EXPECT_EQ(ask(*cluster, "SELECT 1"), "1");
  const std::string sockets = ask(*cluster, "SHOW unix_socket_directories");
  EXPECT_LT(sockets.size(), 90U);
  ASSERT_TRUE(cluster->stop());
  fs::remove_all(sockets);
}

TEST_F(PrivateClusterTest, AsRootAFolderThatTheServerCannotReachIsReplaced) {
  if (geteuid() != 0) GTEST_SKIP() << "only root runs the server as another user";
  fs::permissions(scratch_.path(), fs::perms{0700});
  auto cluster = start();
  ASSERT_TRUE(cluster) << cluster.error().text();
  EXPECT_EQ(cluster->moved_from(), fs::canonical(scratch_.path()) / "pg");
  EXPECT_FALSE(fs::exists(config_.folder)) << "nothing is left behind";
  EXPECT_EQ(ask(*cluster, "SELECT 1"), "1");
  ASSERT_TRUE(cluster->stop());
  fs::remove_all(cluster->folder());
}

// In a child that has given up root's rights for good.
TEST_F(PrivateClusterTest, WorksForAnOrdinaryUserToo) {
  if (geteuid() != 0) GTEST_SKIP() << "every other test shows it";
  constexpr uid_t kNobody = 65534;
  fs::permissions(scratch_.path(), fs::perms{0777});
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(2);
    auto cluster = start();
    _exit(cluster && ask(*cluster, "SELECT current_user") == "hintd" && cluster->stop() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace hintd::database
