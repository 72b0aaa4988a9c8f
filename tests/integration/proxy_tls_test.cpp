// TLS on both sides, and logins with passwords through it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "database/postgres/connection.h"
#include "serving.h"

namespace hintd {
namespace {

using test::Serving;
using ::testing::HasSubstr;

std::string run(const std::vector<std::string>& command, int status = 0) {
  const auto ended = database::run_as({geteuid(), getegid(), false}, command);
  if (!ended) return ended.error().text();
  EXPECT_EQ(ended->status, status) << ended->output;
  return ended->output;
}

std::vector<std::string> psql(const std::string& dsn,
                              const std::string& sql = "SELECT 'it works'") {
  return {"/usr/bin/psql", "-XAt", "-d", dsn, "-c", sql};
}

class ProxyTlsTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    run({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key_,
         "-out", certificate_});
    settings_ = {"HINTD_PROXY_TLS_CERTIFICATE=" + certificate_, "HINTD_PROXY_TLS_KEY=" + key_};
  }

  // A server that takes TLS over TCP, and passwords by SCRAM and md5.
  struct Server {
    test::ScratchFolder folder;
    std::optional<database::PrivateCluster> cluster;
    int port = 0;
  };
  void start(Server& server) const {
    auto started =
        database::PrivateCluster::start({server.folder.path() / "pg", test::kTestMemoryMb});
    ASSERT_TRUE(started) << started.error().text();
    server.cluster.emplace(std::move(*started));
    auto connection = database::Connection::open(
        {server.cluster->dsn("postgres"), std::chrono::seconds(5), false});
    ASSERT_TRUE(connection) << connection.error().text();
    for (const auto* sql :
         {"CREATE ROLE scram LOGIN PASSWORD 'secret'", "SET password_encryption = 'md5'",
          "CREATE ROLE md5 LOGIN PASSWORD 'secret'"})
      ASSERT_TRUE(connection->query(sql));
    const auto data = server.cluster->data_folder();
    for (const auto& [from, to] : {std::pair{certificate_, "server.crt"}, {key_, "server.key"}}) {
      std::filesystem::copy_file(from, data / to);
      std::filesystem::permissions(data / to, std::filesystem::perms{0600});
      const auto user = *database::server_user();
      ASSERT_EQ(chown((data / to).c_str(), user.uid, user.gid), 0);
    }
    server.port = *database::free_loopback_port();
    std::ofstream(data / "postgresql.conf", std::ios::app)
        << "\nlisten_addresses = '127.0.0.1'\nport = " << server.port << "\nssl = on\n";
    std::ofstream(data / "pg_hba.conf")
        << "local all all trust\nhostssl all scram 127.0.0.1/32 scram-sha-256\n"
        << "host all md5 127.0.0.1/32 md5\nhost all all 127.0.0.1/32 trust\n";
    const auto programs = *database::find_postgres_programs("");
    const auto restarted = database::run_as(
        *database::server_user(), {programs / "pg_ctl", "-D", data, "-l",
                                   server.cluster->log_file(), "-m", "fast", "-w", "restart"});
    ASSERT_TRUE(restarted && restarted->status == 0);
  }
  static std::string over_tcp(const Server& server, const std::string& sslmode) {
    return "host=127.0.0.1 port=" + std::to_string(server.port) +
           " user=hintd dbname=postgres sslmode=" + sslmode;
  }

  test::ScratchFolder scratch_;
  std::string certificate_ = scratch_.path() / "cert.pem";
  std::string key_ = scratch_.path() / "key.pem";
  std::vector<std::string> settings_;
};

TEST_F(ProxyTlsTest, ClientsMayEncryptAndVerify) {
  const Serving serving({"--force-hints", "no_nestloop"}, settings_);
  for (const auto* mode : {"disable", "prefer", "require"})
    EXPECT_EQ(run(psql(serving.dsn(std::string("sslmode=") + mode))), "it works\n") << mode;
  EXPECT_EQ(run(psql(serving.dsn("sslmode=verify-full sslrootcert=" + certificate_))),
            "it works\n");
  const auto long_answer =
      run(psql(serving.dsn("sslmode=require"), "SELECT length(repeat('x', 5000000))"));
  EXPECT_EQ(long_answer, "5000000\n");
  EXPECT_THAT(
      run({"/usr/bin/psql", "-X", "-d", serving.dsn("sslmode=require"), "-c", "\\conninfo"}),
      HasSubstr("SSL connection"));
}

TEST_F(ProxyTlsTest, TlsFromTheFirstByteIsTakenWithItsProtocolNamed) {
  const Serving serving({}, settings_);
  const auto out = run({"/usr/bin/openssl", "s_client", "-connect", serving.front().text(), "-alpn",
                        "postgresql", "-brief"});
  EXPECT_THAT(out, HasSubstr("CONNECTION ESTABLISHED"));
}

TEST_F(ProxyTlsTest, PasswordsAreRelayedOverEveryMixOfTls) {
  Server server;
  ASSERT_NO_FATAL_FAILURE(start(server));
  for (const auto* back : {"disable", "require", "verify-full"}) {
    const std::string root =
        std::string(back) == "verify-full" ? " sslrootcert=" + certificate_ : std::string();
    const Serving serving({}, settings_, over_tcp(server, back) + root);
    const bool tls_behind = std::string(back) != "disable";
    const auto as = [&](const std::string& role, const std::string& more) {
      return "host=127.0.0.1 port=" + std::to_string(serving.front().port) + " user=" + role +
             " dbname=postgres password=secret " + more;
    };
    EXPECT_EQ(run(psql(as("md5", "sslmode=disable"))), "it works\n") << back;
    EXPECT_EQ(run(psql(as("md5", "sslmode=require"))), "it works\n") << back;
    EXPECT_THAT(run(psql(as("md5", "sslmode=disable password=wrong")), 2),
                HasSubstr("password authentication failed"));
    if (!tls_behind) continue;
    EXPECT_EQ(run(psql(as("scram", "sslmode=disable"))), "it works\n") << back;
    EXPECT_EQ(run(psql(as("scram", "sslmode=require channel_binding=disable"))), "it works\n");
    EXPECT_THAT(run(psql(as("scram", "sslmode=require")), 2),
                HasSubstr("channel binding cannot work through hintd"));
  }
}

TEST_F(ProxyTlsTest, AServerUnderTlsIsReachedWherePreferred) {
  Server server;
  ASSERT_NO_FATAL_FAILURE(start(server));
  const Serving serving({}, {}, over_tcp(server, "prefer"));
  EXPECT_EQ(run(psql(serving.dsn())), "it works\n");
}

TEST_F(ProxyTlsTest, BeyondThisMachineOnlyUnderTlsAndWithAPassword) {
  auto everywhere = settings_;
  everywhere.push_back("HINTD_PROXY_LISTEN=0.0.0.0:0");
  test::ScratchFolder folder;
  test::Program program({"serve", "--dsn", test::cluster_dsn(), "--data-dir", folder.path() / "d"},
                        everywhere);
  const std::string before = "listening on 0.0.0.0:";
  const auto line = program.line_with(before);
  ASSERT_FALSE(line.empty());
  const auto port = std::to_string(std::stoi(line.substr(before.size())));
  const auto dsn = "host=127.0.0.1 port=" + port + " user=hintd dbname=postgres sslmode=";
  EXPECT_THAT(run(psql(dsn + "disable"), 2), HasSubstr("only under TLS"));
  EXPECT_THAT(run(psql(dsn + "require"), 2), HasSubstr("asks for no password"));
}

}  // namespace
}  // namespace hintd
