// What sessions may do besides asking: replicate, be notified, ask the proxy itself; and whom the
// settings and the command line let be hinted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../proxy/talk.h"
#include "serving.h"

namespace hintd {
namespace {

using namespace proxy::test;
using test::Serving;
using test::WireClient;
using test::WireMessage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ProxySessionsTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }

  static std::unique_ptr<WireClient> logged_in(const Serving& serving,
                                               const WireClient::Options& more = {}) {
    auto client = std::make_unique<WireClient>(serving.front());
    EXPECT_EQ(client->log_in(serving.user(), serving.database(), more).back().type, 'Z');
    return client;
  }

  static std::vector<WireMessage> ask(WireClient& client, const std::string& sql) {
    client.send(query(sql));
    return client.read_until_ready();
  }

  // Rows of text, all columns in one with spaces between them.
  static std::vector<std::string> rows(WireClient& client, const std::string& sql) {
    std::vector<std::string> found;
    for (const auto& message : ask(client, sql)) {
      if (message.type != 'D') continue;
      std::string line;
      std::size_t at = 2;
      while (at + 4 <= message.body.size()) {
        const auto size = proxy::read_u32(message.body.data() + at);
        line += (line.empty() ? "" : " ") + message.body.substr(at + 4, size);
        at += 4 + size;
      }
      found.push_back(line);
    }
    return found;
  }

  // What SHOW hintd.<topic> says of a name.
  static std::string shown(WireClient& client, const std::string& topic, const std::string& name) {
    for (const auto& row : rows(client, "SHOW hintd." + topic))
      if (row.starts_with(name + " ")) return row.substr(name.size() + 1);
    return "";
  }

  static std::string types_of(const std::vector<WireMessage>& messages) {
    std::string types;
    for (const auto& message : messages) types += message.type;
    return types;
  }
};

TEST_F(ProxySessionsTest, AReplicationConnectionIsRelayedAndNeverTouched) {
  const Serving serving({"--force-hints", "no_nestloop"});
  auto client = logged_in(serving, {{"replication", "true"}});
  client->send(query("IDENTIFY_SYSTEM"));
  const auto system = client->read_until_ready();
  ASSERT_EQ(types_of(system), "TDCZ");
  // systemid, timeline, xlogpos: each with its length before it.
  const auto& row = system[1].body;
  std::size_t at = 2;
  std::string position;
  for (int column = 0; column < 3; ++column) {
    const auto size = proxy::read_u32(row.data() + at);
    position = row.substr(at + 4, size);
    at += 4 + size;
  }
  client->send(query("START_REPLICATION PHYSICAL " + position));
  EXPECT_EQ(client->read().type, 'W');
  auto other = logged_in(serving);
  ask(*other, "SELECT pg_logical_emit_message(true, 'a', 'message')");
  EXPECT_EQ(client->read().type, 'd') << "the log";
  client->send(message('c', ""));
  const auto ended = client->read_until_ready();
  EXPECT_EQ(ended.back().type, 'Z');
  EXPECT_EQ(shown(*other, "stats", "passed.hinted"), "0");
}

TEST_F(ProxySessionsTest, ANotificationReachesAClientThatAsksNothing) {
  const Serving serving({"--force-hints", "no_nestloop"});
  auto listener = logged_in(serving);
  ask(*listener, "LISTEN news");
  auto teller = logged_in(serving);
  ask(*teller, "NOTIFY news, 'all is well'");
  const auto told = listener->read();
  EXPECT_EQ(told.type, 'A');
  EXPECT_THAT(told.body, HasSubstr("all is well"));
  EXPECT_THAT(rows(*listener, "SELECT 5"), ElementsAre("5"));
}

TEST_F(ProxySessionsTest, HintsCanBeOffFromTheStart) {
  const Serving serving({"--force-hints", "no_nestloop"});
  const auto hinted = [](WireClient& client) {
    rows(client, "SELECT 5");
    return shown(client, "stats", "passed.hinted");
  };
  auto plain = logged_in(serving, {{"options", "-c hintd.mode=off"}});
  EXPECT_EQ(hinted(*plain), "0");
  auto client = logged_in(serving);
  EXPECT_EQ(hinted(*client), "1");
  WireClient wrong(serving.front());
  const auto said =
      wrong.log_in(serving.user(), serving.database(), {{"options", "-c hintd.mode=banana"}});
  EXPECT_EQ(proxy::error_field(said.front().body, 'C'), "22023");
}

TEST_F(ProxySessionsTest, TheConsoleAnswersEveryTopic) {
  const Serving serving({"--force-hints", "no_nestloop"});
  auto client = logged_in(serving);
  EXPECT_THAT(rows(*client, "SELECT 5"), ElementsAre("5"));
  EXPECT_EQ(shown(*client, "status", "forced_hints"), "no_nestloop");
  EXPECT_EQ(shown(*client, "status", "clients"), "1");
  EXPECT_EQ(shown(*client, "status", "learning"), "resting: the mode is observe");
  EXPECT_EQ(shown(*client, "status", "internal_errors"), "0");
  EXPECT_EQ(shown(*client, "stats", "passed.hinted"), "1");
  EXPECT_EQ(shown(*client, "stats", "rows"), "1");
  const auto templates = rows(*client, "SHOW hintd.templates");
  ASSERT_EQ(templates.size(), 1U);
  EXPECT_THAT(templates[0], HasSubstr(" 1 1 "));
  EXPECT_THAT(templates[0], HasSubstr("SELECT $1"));
  const auto policy = ask(*client, "SHOW hintd.policy");
  ASSERT_EQ(types_of(policy), "TCZ") << "none was learned";
  EXPECT_THAT(policy[0].body, HasSubstr("patience_ms"));
  EXPECT_EQ(types_of(ask(*client, "SHOW hintd.nothing")), "EZ") << "the server's own answer";
}

TEST_F(ProxySessionsTest, ASessionMayRefuseHintsForItself) {
  const Serving serving({"--force-hints", "no_nestloop"});
  auto client = logged_in(serving);
  auto other = logged_in(serving);
  ask(*client, "SET hintd.mode = off");
  EXPECT_THAT(rows(*client, "SELECT 5"), ElementsAre("5"));
  EXPECT_EQ(shown(*client, "stats", "passed.hinted"), "0");
  EXPECT_EQ(shown(*client, "stats", "passed.off"), "1");
  EXPECT_THAT(rows(*other, "SELECT 5"), ElementsAre("5"));
  EXPECT_EQ(shown(*client, "stats", "passed.hinted"), "1") << "of the other session";
}

TEST_F(ProxySessionsTest, OnlyTheApplicationsThatTheSettingsNameAreHinted) {
  const Serving serving({"--force-hints", "no_nestloop"}, {"HINTD_PROXY_APPLICATIONS=web, batch"});
  auto batch = logged_in(serving, {{"application_name", "batch"}});
  auto stranger = logged_in(serving, {{"application_name", "stranger"}});
  ask(*batch, "SELECT 1");
  EXPECT_EQ(shown(*batch, "stats", "passed.hinted"), "1");
  ask(*stranger, "SELECT 1");
  EXPECT_EQ(shown(*batch, "stats", "passed.hinted"), "1");
  EXPECT_EQ(shown(*batch, "stats", "passed.filtered"), "1");
  ask(*stranger, "SET application_name = 'web'");
  ask(*stranger, "SELECT 1");
  EXPECT_EQ(shown(*batch, "stats", "passed.hinted"), "2") << "the server reports the new name";
}

TEST_F(ProxySessionsTest, OnlyTheRolesThatTheSettingsNameAreHinted) {
  const Serving serving({"--force-hints", "no_nestloop"}, {"HINTD_PROXY_ROLES=somebody_else"});
  auto client = logged_in(serving);
  ask(*client, "SELECT 1");
  EXPECT_EQ(shown(*client, "stats", "passed.hinted"), "0");
  EXPECT_EQ(shown(*client, "stats", "passed.filtered"), "1");
}

TEST_F(ProxySessionsTest, TheCommandLineOverridesTheFile) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "hintd.yaml";
  std::ofstream(file) << "serve:\n  mode: observe\nproxy:\n  listen: 127.0.0.1:1\n"
                         "  max_connections: 7\n";
  const Serving serving({"--config", file, "--mode", "steer"});
  auto client = logged_in(serving);
  EXPECT_EQ(shown(*client, "status", "mode"), "steer");
  EXPECT_EQ(shown(*client, "status", "max_clients"), "7") << "what the file alone says";
  EXPECT_EQ(shown(*client, "status", "listening"), serving.front().text());
  EXPECT_TRUE(std::filesystem::exists(serving.data_dir()));
}

TEST_F(ProxySessionsTest, AUnixSocketIsListenedOnAndALeftOverOneReplaced) {
  const test::ScratchFolder folder;
  const proxy::Address address{folder.path(), 6543};
  const auto listen = folder.path().string() + ":6543";
  {
    Serving serving({"--listen", listen});
    WireClient client(address);
    EXPECT_EQ(client.log_in(serving.user(), serving.database()).back().type, 'Z');
    const auto second = test::run_program({"serve", "--dsn", test::cluster_dsn(), "--data-dir",
                                           folder.path() / "d", "--listen", listen});
    EXPECT_THAT(second.err, HasSubstr("in use"));
    kill(serving.program().pid(), SIGKILL);
    serving.program().finish();
  }
  EXPECT_TRUE(std::filesystem::exists(address.text()));
  Serving again({"--listen", listen});
  WireClient client(address);
  EXPECT_EQ(client.log_in(again.user(), again.database()).back().type, 'Z');
  client.hang_up();
  kill(again.program().pid(), SIGTERM);
  EXPECT_EQ(again.program().finish().status, 0);
  EXPECT_FALSE(std::filesystem::exists(address.text()));
}

TEST_F(ProxySessionsTest, AClientThatHalfClosesIsLetGo) {
  const Serving serving;
  auto client = logged_in(serving);
  shutdown(client->descriptor(), SHUT_WR);
  EXPECT_EQ(client->read().type, 0);
  auto other = logged_in(serving);
  EXPECT_EQ(shown(*other, "status", "clients"), "1");
}

}  // namespace
}  // namespace hintd
