// What fails inside hintd ends no more than the session it failed for.
#include <gtest/gtest.h>

#include <stdexcept>

#include "../proxy/talk.h"
#include "database/postgres/server_address.h"
#include "proxy/proxy.h"
#include "test_cluster.h"
#include "wire_client.h"

namespace hintd {
namespace {

using test::WireClient;

TEST(ProxyContainedTest, ASessionThatFailsInsideEndsAloneAndIsCounted) {
  HINTD_NEEDS_POSTGRES();
  const auto server = database::find_server(test::cluster_dsn());
  ASSERT_TRUE(server) << server.error().text();
  proxy::test::Talk house;
  proxy::ProxyConfig config;
  config.listen = "127.0.0.1:0";
  config.io_threads = 1;
  proxy::ProxyParts parts{house.catalogue, house.governance, house.optimizer, house.events,
                          house.clock};
  parts.learning = []() -> std::string { throw std::runtime_error("status is not to be had"); };
  const auto started = proxy::Proxy::start(
      config, {{server->host, server->port}, proxy::ServerTls::kOff, ""}, std::move(parts));
  ASSERT_TRUE(started) << started.error().text();
  const auto& front = **started;

  WireClient failing(front.listening());
  WireClient other(front.listening());
  for (auto* client : {&failing, &other})
    ASSERT_EQ(client->log_in(server->user, server->database).back().type, 'Z');
  failing.send(proxy::test::query("SHOW hintd.status"));
  EXPECT_EQ(failing.read().type, 0) << "its connection is closed";
  other.send(proxy::test::query("SELECT 6 * 7"));
  EXPECT_EQ(other.read_until_ready().back().type, 'Z');
  EXPECT_EQ(front.counts().internal_errors, 1);
  EXPECT_EQ(front.counts().open, 1);
}

}  // namespace
}  // namespace hintd
