// What goes wrong around a proxy, one by one: clients hear of it, and nothing else breaks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <thread>

#include "../proxy/talk.h"
#include "database/postgres/connection.h"
#include "resident_memory.h"
#include "serving.h"

namespace hintd {
namespace {

using namespace proxy::test;
using test::Serving;
using test::WireClient;
using test::WireMessage;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string field(const WireMessage& message, char code) {
  return std::string(proxy::error_field(message.body, code));
}

class ProxyFaultsTest : public testing::Test {
 protected:
  void SetUp() override { HINTD_NEEDS_POSTGRES(); }

  // A server of the test's own, which may be killed.
  static Result<database::PrivateCluster> own_cluster(const test::ScratchFolder& folder) {
    return database::PrivateCluster::start({folder.path() / "pg", test::kTestMemoryMb});
  }

  static std::vector<WireMessage> ask(WireClient& client, const std::string& sql) {
    client.send(query(sql));
    return client.read_until_ready();
  }

  // The first row's first column as text.
  static std::string value(WireClient& client, const std::string& sql) {
    for (const auto& message : ask(client, sql))
      if (message.type == 'D') return message.body.substr(6);
    return "";
  }

  // Asks for a nap that lasts so long, and returns once the server has begun it.
  static void start_nap(WireClient& client, const std::string& seconds) {
    client.send(query("SELECT pg_sleep(" + seconds + ")"));
    auto watching = database::Connection::open({test::cluster_dsn()});
    ASSERT_TRUE(watching) << watching.error().text();
    for (std::string naps = "0"; naps == "0";)
      naps =
          *(*watching->query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                             "wait_event = 'PgSleep'"))[0][0];
  }

  static std::unique_ptr<WireClient> logged_in(const Serving& serving) {
    auto client = std::make_unique<WireClient>(serving.front());
    const auto said = client->log_in(serving.user(), serving.database());
    EXPECT_EQ(said.back().type, 'Z');
    return client;
  }
};

TEST_F(ProxyFaultsTest, AStatementNestedDeeperThanAStackIsAnsweredAsTheServerDoes) {
  const Serving serving;
  auto client = logged_in(serving);
  WireClient direct(serving.back());
  ASSERT_EQ(direct.log_in(serving.user(), serving.database()).back().type, 'Z');
  std::string deep = "SELECT 0";
  while (deep.size() < proxy::Conversation::kMaxWhole - 100) deep += "-1";
  EXPECT_EQ(ask(*client, deep).front().type, ask(direct, deep).front().type);
  EXPECT_EQ(value(*client, "SELECT 6 * 7"), "42");
}

TEST_F(ProxyFaultsTest, AServerKilledInMidQueryEndsTheSessionAndNewOnesWorkAgain) {
  const test::ScratchFolder folder;
  auto cluster = own_cluster(folder);
  ASSERT_TRUE(cluster) << cluster.error().text();
  const Serving serving({}, {}, cluster->dsn("postgres"));
  auto client = logged_in(serving);
  client->send(query("SELECT pg_sleep(60)"));
  pid_t server = 0;
  std::ifstream(cluster->data_folder() / "postmaster.pid") >> server;
  kill(server, SIGKILL);
  EXPECT_NE(client->read_until_ready().back().type, 'Z');

  WireClient refused(serving.front());
  refused.send(WireClient::startup(serving.user(), serving.database()));
  const auto said = refused.read();
  ASSERT_EQ(said.type, 'E');
  EXPECT_EQ(field(said, 'C'), "08001");
  EXPECT_THAT(field(said, 'M'), HasSubstr("cannot reach the server"));

  auto again = own_cluster(folder);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(value(*logged_in(serving), "SELECT 7"), "7");
}

TEST_F(ProxyFaultsTest, AKilledProxyHangsUpAndLeavesTelemetryIntact) {
  Serving serving;
  auto client = logged_in(serving);
  for (int i = 0; i < 50; ++i) ask(*client, "SELECT " + std::to_string(i));
  kill(serving.program().pid(), SIGKILL);
  EXPECT_EQ(client->read().type, 0);
  EXPECT_EQ(serving.program().finish().status, 128 + SIGKILL);
  const auto summary = test::run_program({"telemetry", "summary", "--out", serving.data_dir()});
  EXPECT_EQ(summary.status, 0) << summary.err;
}

TEST_F(ProxyFaultsTest, ASlowReaderHoldsNobodyElseUpAndCostsNoMemory) {
  Serving serving;
  auto slow = logged_in(serving);
  slow->send(query("SELECT repeat('x', 1000) FROM generate_series(1, 200000)"));
  auto quick = logged_in(serving);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(value(*quick, "SELECT 5"), "5");
  if (test::kMemoryTells) {
    EXPECT_LT(test::resident_kib(serving.program().pid()), 400'000);
  }
  std::size_t bytes = 0;
  for (const auto& message : slow->read_until_ready()) bytes += message.body.size();
  EXPECT_GT(bytes, 200'000'000U);
}

TEST_F(ProxyFaultsTest, ACancelStopsItsStatementAndNoLaterOne) {
  const Serving serving({"--force-hints", "no_nestloop"});
  auto client = logged_in(serving);
  for (int i = 0; i < 20; ++i) {
    client->send(query("SELECT count(*) FROM generate_series(1, 1000000000)"));
    WireClient cancel(serving.front());
    cancel.send(client->cancel_packet());
    EXPECT_EQ(cancel.read().type, 0) << "hung up on once the server has sent the signal";
    // It may have come too early; then another one.
    pollfd answer{client->descriptor(), POLLIN, 0};
    while (poll(&answer, 1, 200) == 0) {
      WireClient again(serving.front());
      again.send(client->cancel_packet());
      again.read();
    }
    const auto said = client->read_until_ready();
    ASSERT_EQ(said.back().type, 'Z');
    EXPECT_EQ(field(said.at(said.size() - 2), 'C'), "57014");
    EXPECT_EQ(value(*client, "SELECT 5"), "5") << "the next statement is not hit";
  }
}

TEST_F(ProxyFaultsTest, CancelStormsOfStrangersHarmNobody) {
  const Serving serving;
  auto client = logged_in(serving);
  std::vector<std::unique_ptr<WireClient>> strangers;
  for (int i = 0; i < 200; ++i) {
    strangers.push_back(std::make_unique<WireClient>(serving.front()));
    strangers.back()->send(std::string("\0\0\0\x10\x04\xd2\x16\x2e", 8) + "12345678");
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(value(*client, "SELECT 5"), "5");
  for (auto& stranger : strangers) EXPECT_EQ(stranger->read().type, 0);
}

TEST_F(ProxyFaultsTest, ClientsBeyondTheLimitAreRefusedAsTheServerWould) {
  const Serving serving({}, {"HINTD_PROXY_MAX_CONNECTIONS=2"});
  auto first = logged_in(serving);
  auto second = logged_in(serving);
  WireClient third(serving.front());
  third.send(WireClient::startup(serving.user(), serving.database()));
  EXPECT_EQ(field(third.read(), 'C'), "53300");
  EXPECT_EQ(third.read().type, 0);
  first->send(message('X', ""));
  EXPECT_EQ(first->read().type, 0);
  first.reset();
  // The place is free as soon as the proxy has seen it go.
  std::vector<WireMessage> said;
  do {
    WireClient next(serving.front());
    said = next.log_in(serving.user(), serving.database());
  } while (said.back().type != 'Z' && field(said.front(), 'C') == "53300");
  EXPECT_EQ(said.back().type, 'Z');
}

TEST_F(ProxyFaultsTest, ManyConnectAtOnceAndHangUpInAnyState) {
  const Serving serving;
  const auto startup = WireClient::startup(serving.user(), serving.database());
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<WireClient>> clients;
    for (int i = 0; i < 20; ++i) {
      clients.push_back(std::make_unique<WireClient>(serving.front()));
      clients.back()->send(startup.substr(0, i % 3 == 0 ? 5 : startup.size()));
    }
    for (std::size_t i = 0; i < clients.size(); ++i)
      if (i % 3 == 1) {
        EXPECT_EQ(clients[i]->read_until_ready().back().type, 'Z');
      }
  }
  EXPECT_EQ(value(*logged_in(serving), "SELECT 5"), "5");
}

TEST_F(ProxyFaultsTest, AThousandConnectAtOnceAndAreServedOrToldWhyNot) {
  const Serving serving({}, {"HINTD_PROXY_LOGIN_TIMEOUT_MS=600000"});
  std::vector<std::unique_ptr<WireClient>> clients;
  for (int i = 0; i < 1'000; ++i) {
    clients.push_back(std::make_unique<WireClient>(serving.front()));
    const timeval patience{300, 0};  // the last one waits for a thousand logins
    setsockopt(clients.back()->descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    clients.back()->send(WireClient::startup(serving.user(), serving.database()));
  }
  // The test server takes a hundred sessions; what it says to the others is its own.
  int served = 0;
  for (auto& client : clients) {
    const auto said = client->read_until_ready();
    const bool in = said.back().type == 'Z';
    served += in;
    if (in) continue;
    ASSERT_GE(said.size(), 1U);
    const auto refusal =
        std::find_if(said.begin(), said.end(), [](const auto& heard) { return heard.type == 'E'; });
    ASSERT_NE(refusal, said.end());
    EXPECT_THAT(field(*refusal, 'C'), testing::AnyOf("53300", "08001"));
  }
  EXPECT_GT(served, 0);
  clients.clear();
  std::vector<WireMessage> said;
  do {
    WireClient next(serving.front());
    said = next.log_in(serving.user(), serving.database());
  } while (said.back().type != 'Z' && field(said.front(), 'C') == "53300");
  EXPECT_EQ(said.back().type, 'Z');
}

// As one whose machine is gone.
TEST_F(ProxyFaultsTest, AClientThatStopsTalkingInTheMiddleHoldsNobodyElseUp) {
  const Serving serving;
  auto silent = logged_in(serving);
  silent->send(query("SELECT 1").substr(0, 3));
  auto half_in = std::make_unique<WireClient>(serving.front());
  half_in->send(WireClient::startup(serving.user(), serving.database()).substr(0, 9));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(value(*logged_in(serving), "SELECT 5"), "5");
}

TEST_F(ProxyFaultsTest, RubbishBeforeTheLoginIsRefusedOrHungUpOn) {
  const Serving serving;
  for (const auto& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(4, '\0'), std::string(8, '\xFF'),
        std::string("\x7F\xFF\xFF\xFF\0\3\0\0", 8), std::string("\0\0\0\x08\0\2\0\0", 8),
        std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8) + "smuggled"}) {
    WireClient client(serving.front());
    client.send(bytes);
    const auto said = client.read();
    EXPECT_TRUE(said.type == 'E' || said.type == 'N' || said.type == 0);
  }
  EXPECT_EQ(value(*logged_in(serving), "SELECT 5"), "5");
}

TEST_F(ProxyFaultsTest, EncryptionThatIsNotOfferedIsRefusedPolitely) {
  const Serving serving;
  WireClient client(serving.front());
  client.send(std::string("\0\0\0\x08\x04\xd2\x16\x30", 8));  // GSSENCRequest
  EXPECT_EQ(client.read_exactly(1), "N");
  client.send(std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8));  // SSLRequest
  EXPECT_EQ(client.read_exactly(1), "N");
  EXPECT_EQ(client.log_in(serving.user(), serving.database()).back().type, 'Z');
}

TEST_F(ProxyFaultsTest, AClientThatNeverLogsInIsHungUpOn) {
  const Serving serving({}, {"HINTD_PROXY_LOGIN_TIMEOUT_MS=2000"});
  WireClient silent(serving.front());
  EXPECT_EQ(silent.read().type, 0);
  auto client = logged_in(serving);
  client->send(query("SELECT pg_sleep(2.1)"));
  EXPECT_EQ(client->read_until_ready().back().type, 'Z') << "logged in, it may take its time";
}

TEST_F(ProxyFaultsTest, SigtermSendsIdleClientsAwayAndLetsOthersFinish) {
  Serving serving;
  auto idle = logged_in(serving);
  auto busy = logged_in(serving);
  start_nap(*busy, "3");
  kill(serving.program().pid(), SIGTERM);
  EXPECT_EQ(field(idle->read(), 'C'), "57P01");
  EXPECT_EQ(idle->read().type, 0);
  EXPECT_EQ(busy->read_until_ready().back().type, 'Z');
  EXPECT_EQ(field(busy->read(), 'C'), "57P01");
  EXPECT_EQ(serving.program().finish().status, 0);
}

TEST_F(ProxyFaultsTest, TheDrainHasADeadline) {
  Serving serving({}, {"HINTD_PROXY_DRAIN_MS=200"});
  auto busy = logged_in(serving);
  auto undecided = logged_in(serving);
  ask(*undecided, "BEGIN");
  start_nap(*busy, "30");
  kill(serving.program().pid(), SIGTERM);
  for (auto* client : {busy.get(), undecided.get()}) {
    EXPECT_EQ(field(client->read(), 'C'), "57P01");
    EXPECT_EQ(client->read().type, 0);
  }
  EXPECT_EQ(serving.program().finish().status, 0);
}

TEST_F(ProxyFaultsTest, OffAndOnReachTheRunningProxy) {
  const Serving serving({"--force-hints", "no_nestloop"});
  auto client = logged_in(serving);
  const auto hinted = [&] {
    for (const auto& message : ask(*client, "SHOW hintd.status"))
      if (message.body.find("hinted") == 6) return message.body.substr(16);
    return std::string();
  };
  ask(*client, "SELECT 1");
  EXPECT_EQ(hinted(), "1");
  ASSERT_EQ(test::run_program({"off", "--data-dir", serving.data_dir()}).status, 0);
  const auto switched_to = [&](const std::string& state) {
    for (int i = 0; i < 1000; ++i)
      for (const auto& message : ask(*client, "SHOW hintd.status"))
        if (message.body.find("hints") == 6 && message.body.substr(15) == state) return true;
    return false;
  };
  EXPECT_TRUE(switched_to("off"));
  ask(*client, "SELECT 1");
  EXPECT_EQ(hinted(), "1");
  ASSERT_EQ(test::run_program({"on", "--data-dir", serving.data_dir()}).status, 0);
  EXPECT_TRUE(switched_to("on"));
  ask(*client, "SELECT 1");
  EXPECT_EQ(hinted(), "2");
}

TEST_F(ProxyFaultsTest, WhatCannotServeIsSaidInOneLine) {
  const test::ScratchFolder folder;
  const auto refused = [&](std::vector<std::string> options, std::vector<std::string> settings = {},
                           const std::string& dsn = test::cluster_dsn()) {
    std::vector<std::string> arguments = {"serve", "--dsn", dsn, "--data-dir", folder.path() / "d"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto ended = test::run_program(arguments, settings);
    EXPECT_NE(ended.status, 0);
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    return ended.err;
  };
  const Serving serving;
  EXPECT_THAT(refused({"--listen", serving.front().text()}), HasSubstr("in use"));
  EXPECT_THAT(refused({"--listen", "0.0.0.0:0"}), HasSubstr("without TLS"));
  EXPECT_THAT(refused({"--listen", "nonsense"}), HasSubstr("proxy.listen is 'nonsense'"));
  EXPECT_THAT(refused({"--listen", "127.0.0.1:0"}, {"HINTD_PROXY_TLS_CERTIFICATE=/none.pem"}),
              HasSubstr("/none.pem"));
  const std::string rubbish = folder.path() / "rubbish.pem";
  std::ofstream(rubbish) << "no certificate";
  EXPECT_THAT(refused({"--listen", "127.0.0.1:0"},
                      {"HINTD_PROXY_TLS_CERTIFICATE=" + rubbish, "HINTD_PROXY_TLS_KEY=" + rubbish}),
              HasSubstr("rubbish.pem"));
  EXPECT_THAT(refused({"--force-hints", "nothing"}), HasSubstr("no hint set 'nothing'"));
  EXPECT_THAT(refused({"--mode", "drive"}), HasSubstr("serve.mode"));
  EXPECT_THAT(refused({}, {}, "host=127.0.0.1 port=1 user=nobody"), StartsWith("hintd: "));
  const auto second = test::run_program({"serve", "--dsn", test::cluster_dsn(), "--data-dir",
                                         serving.data_dir(), "--listen", "127.0.0.1:0"});
  EXPECT_THAT(second.err, HasSubstr("another hintd serves"));
}

}  // namespace
}  // namespace hintd
