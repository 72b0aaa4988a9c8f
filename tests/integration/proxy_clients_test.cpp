// Real clients: what they see through the proxy, without hints and with one before every eligible
// statement, is what they see of the server itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "database/postgres/pg_executor.h"
#include "serving.h"

namespace hintd {
namespace {

using test::Serving;
using ::testing::HasSubstr;

const std::filesystem::path kClients = HINTD_SOURCE_DIR "/tests/clients";

bool have(const std::string& program) {
  const auto user = database::ServerUser{geteuid(), getegid(), false};
  const auto found = database::run_as(user, {"/usr/bin/which", program});
  return found && found->status == 0;
}

class ProxyClientsTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    dsn_ = test::fresh_database("clients");
    auto connection = database::Connection::open({dsn_, std::chrono::seconds(5), false});
    ASSERT_TRUE(connection) << connection.error().text();
    for (const auto* sql :
         {"DROP TABLE IF EXISTS clients, clients_written", "CREATE TABLE clients_written (a int)",
          "CREATE TABLE clients AS SELECT a, 'b' || a AS b FROM generate_series(1, 1000) a"})
      ASSERT_TRUE(connection->query(sql));
  }

  // What a client is given to connect with.
  struct Target {
    std::string dsn;
    std::string url;
    std::string user;
  };

  static Target through(const Serving& serving) {
    return {serving.dsn(),
            "postgresql://" + serving.user() +
                "@127.0.0.1:" + std::to_string(serving.front().port) + "/" + serving.database(),
            serving.user()};
  }

  // The test cluster listens on a unix socket alone.
  Target direct() const {
    const auto server = *database::find_server(dsn_);
    return {dsn_,
            "postgresql://" + server.user + "@localhost/" + server.database +
                "?host=" + server.host + "&port=" + std::to_string(server.port),
            server.user};
  }

  static std::string run(const std::vector<std::string>& command) {
    const auto ended = database::run_as({geteuid(), getegid(), false}, command);
    if (!ended) return ended.error().text();
    EXPECT_EQ(ended->status, 0) << ended->output;
    return ended->output;
  }

  static std::int64_t hinted(const Serving& serving) {
    auto connection = database::Connection::open({serving.dsn()});
    const auto rows = connection->query("SHOW hintd.stats");
    for (const auto& row : *rows)
      if (row.at(0) == "passed.hinted") return std::stoll(row.at(1).value());
    return -1;
  }

  // The client's output without hints; expects the same with them.
  template <class Command>
  std::string same_with_hints(const Command& command) {
    std::string without;
    {
      const Serving serving({}, {}, dsn_);
      without = run(command(through(serving)));
    }
    const Serving serving({"--force-hints", "hash_indexonly_seq"}, {}, dsn_);
    EXPECT_EQ(run(command(through(serving))), without);
    EXPECT_GT(hinted(serving), 0);
    return without;
  }

  // The client's output; expects the same from the server itself, without hints and with them.
  template <class Command>
  std::string same_as_direct(const Command& command) {
    auto said = run(command(direct()));
    EXPECT_EQ(same_with_hints(command), said);
    return said;
  }

  std::string dsn_;
};

TEST_F(ProxyClientsTest, Psql) {
  const auto out = same_as_direct([](const Target& target) {
    return std::vector<std::string>{"/usr/bin/psql",
                                    "-X",
                                    "-d",
                                    target.dsn,
                                    "-c",
                                    "SELECT a, b FROM clients WHERE a < 3",
                                    "-c",
                                    "\\d clients",
                                    "-c",
                                    "BEGIN",
                                    "-c",
                                    "SELECT count(*) FROM clients",
                                    "-c",
                                    "COMMIT",
                                    "-c",
                                    "\\copy clients TO STDOUT"};
  });
  EXPECT_THAT(out, HasSubstr("1000\tb1000"));
}

TEST_F(ProxyClientsTest, PgbenchInItsThreeModes) {
  const auto pgbench = *database::find_postgres_programs("") / "pgbench";
  const Serving serving({"--force-hints", "no_nestloop"}, {}, dsn_);
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> command = {
        pgbench, "-h",          "127.0.0.1", "-p", std::to_string(serving.front().port),
        "-U",    serving.user()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back(serving.database());
    return run(command);
  };
  with({"-i", "-q"});
  for (const auto* mode : {"simple", "extended", "prepared"}) {
    const auto out = with({"-n", "-S", "-M", mode, "-c", "4", "-t", "200"});
    EXPECT_THAT(out, HasSubstr("actually processed: 800/800"));
    EXPECT_THAT(out, HasSubstr("failed transactions: 0 "));
    EXPECT_THAT(with({"-n", "-M", mode, "-c", "2", "-t", "50"}),
                HasSubstr("actually processed: 100/100"));
  }
  EXPECT_GE(hinted(serving), 3 * 800);
}

TEST_F(ProxyClientsTest, Libpqxx) {
  const Serving serving({"--force-hints", "no_nestloop"}, {}, dsn_);
  auto executor = database::PgExecutor::connect({serving.dsn()});
  ASSERT_TRUE(executor) << executor.error().text();
  const HintSet none{"default", "", {}};
  const auto run = (*executor)->run("SELECT a, b FROM clients", none, Millis(0));
  ASSERT_TRUE(run) << run.error().text();
  EXPECT_EQ(run->rows, 1000);
  const auto stopped =
      (*executor)->run("SELECT count(*) FROM clients a, clients b, clients c", none, Millis(50));
  ASSERT_TRUE(stopped) << stopped.error().text();
  EXPECT_TRUE(stopped->timed_out);
}

TEST_F(ProxyClientsTest, Psycopg2AndPsycopg3) {
  if (!std::filesystem::exists("/usr/lib/python3/dist-packages/psycopg"))
    GTEST_SKIP() << "install python3-psycopg2 and python3-psycopg";
  const auto out = same_as_direct([](const Target& target) {
    return std::vector<std::string>{"/usr/bin/python3", kClients / "psycopg_client.py", target.dsn};
  });
  EXPECT_THAT(out, HasSubstr("copied (1000, 'row 999')"));
  EXPECT_THAT(out, HasSubstr("42703 8"));
}

TEST_F(ProxyClientsTest, Jdbc) {
  const std::string driver = "/usr/share/java/postgresql.jar";
  if (!have("java") || !std::filesystem::exists(driver))
    GTEST_SKIP() << "install libpostgresql-jdbc-java and openjdk-17-jdk-headless";
  // It knows no unix sockets, on which alone the test cluster listens.
  const auto out = same_with_hints([&](const Target& target) {
    auto url = target.url;
    return std::vector<std::string>{
        "/usr/bin/java", "-cp", driver, kClients / "JdbcClient.java",
        "jdbc:" + url.replace(13, target.user.size() + 1, "") + "?user=" + target.user};
  });
  EXPECT_THAT(out, HasSubstr("cancelled 57014"));
  EXPECT_THAT(out, HasSubstr("1=after the cancel"));
}

TEST_F(ProxyClientsTest, Node) {
  if (!have("node") || !have("npm")) GTEST_SKIP() << "install nodejs and npm";
  run({"/usr/bin/env", "npm", "ci", "--silent", "--prefix", kClients / "node"});
  const auto out = same_as_direct([&](const Target& target) {
    return std::vector<std::string>{"/usr/bin/env", "node", kClients / "node" / "client.js",
                                    target.url};
  });
  EXPECT_THAT(out, HasSubstr("notified hello"));
}

}  // namespace
}  // namespace hintd
