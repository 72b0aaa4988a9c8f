// Peers that vanish without a word: their machine or the net is gone, and no FIN ever comes.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include "../proxy/talk.h"
#include "proxy/proxy.h"
#include "wire_client.h"

namespace hintd {
namespace {

using test::WireClient;

// From here on the kernel drops whatever arrives there, unanswered.
void cut_off(int descriptor) {
  sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{1, &drop};
  ASSERT_EQ(setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

void be_patient(int descriptor) {
  const timeval patience{120, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

// Takes connections as a server would, and lets whoever comes in.
class StandInServer {
 public:
  StandInServer() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~StandInServer() {
    for (const int descriptor : taken_) close(descriptor);
    close(listener_);
  }
  StandInServer(const StandInServer&) = delete;
  StandInServer& operator=(const StandInServer&) = delete;

  int port() const { return port_; }

  // The next client's connection, which stays ours.
  int take() {
    const int taken = taken_.emplace_back(accept(listener_, nullptr, nullptr));
    be_patient(taken);
    const auto welcome = proxy::test::authenticated();
    EXPECT_EQ(send(taken, welcome.data(), welcome.size(), 0), static_cast<ssize_t>(welcome.size()));
    return taken;
  }

  // Whether the other side ends the connection; waits for it.
  static bool hung_up(int descriptor) {
    char bytes[256];
    ssize_t got = 0;
    do got = recv(descriptor, bytes, sizeof bytes, 0);
    while (got > 0);
    return got == 0;
  }

 private:
  int listener_;
  int port_ = 0;
  std::vector<int> taken_;
};

TEST(ProxyHalfOpenTest, WhoVanishesWithoutAWordIsNoticedAndTheOtherSideHungUpOn) {
  StandInServer server;
  proxy::test::Talk house;
  proxy::ProxyConfig config;
  config.listen = "127.0.0.1:0";
  config.keepalive_s = 1;
  const auto started = proxy::Proxy::start(
      config, {{"127.0.0.1", server.port()}, proxy::ServerTls::kOff, ""},
      {house.catalogue, house.governance, house.optimizer, house.events, house.clock});
  ASSERT_TRUE(started) << started.error().text();
  const auto& front = **started;
  const auto log_in = [&](WireClient& client) {
    client.send(WireClient::startup("ann", "shop"));
    const int its_server = server.take();
    EXPECT_EQ(client.read_until_ready().back().type, 'Z');
    be_patient(client.descriptor());
    return its_server;
  };

  WireClient vanishing(front.listening());
  const int deserted = log_in(vanishing);
  WireClient deserted_client(front.listening());
  const int vanishing_server = log_in(deserted_client);
  WireClient quiet(front.listening());
  const int quiet_server = log_in(quiet);
  cut_off(vanishing.descriptor());
  cut_off(vanishing_server);

  EXPECT_TRUE(StandInServer::hung_up(deserted));
  EXPECT_EQ(deserted_client.read().type, 0);
  EXPECT_EQ(front.counts().open, 1) << "who is there and says nothing stays";
  quiet.send(proxy::test::query("SELECT 1"));
  char first = 0;
  std::string heard;
  while (heard.find("SELECT 1") == std::string::npos && recv(quiet_server, &first, 1, 0) == 1)
    heard += first;
  EXPECT_NE(heard.find("SELECT 1"), std::string::npos);
}

}  // namespace
}  // namespace hintd
