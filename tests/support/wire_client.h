// A client that speaks PostgreSQL's protocol itself, so that a test can send any bytes and see
// every message. Blocks; gives up after 20 s of silence.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "proxy/socket.h"
#include "proxy/wire.h"

namespace hintd::test {

struct WireMessage {
  char type = 0;
  std::string body;
  bool operator==(const WireMessage&) const = default;
};

class WireClient {
 public:
  explicit WireClient(const proxy::Address& address) {
    socket_ = ::socket(address.is_unix() ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int failed = 0;
    if (address.is_unix()) {
      sockaddr_un path{AF_UNIX, {}};
      std::strncpy(path.sun_path, address.text().c_str(), sizeof path.sun_path - 1);
      failed = connect(socket_, reinterpret_cast<sockaddr*>(&path), sizeof path);
    } else {
      sockaddr_in ip{};
      ip.sin_family = AF_INET;
      ip.sin_port = htons(static_cast<std::uint16_t>(address.port));
      inet_pton(AF_INET, address.host.c_str(), &ip.sin_addr);
      failed = connect(socket_, reinterpret_cast<sockaddr*>(&ip), sizeof ip);
    }
    if (failed != 0) throw std::runtime_error("cannot connect to " + address.text());
  }
  ~WireClient() { hang_up(); }
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  int descriptor() const { return socket_; }
  void hang_up() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) throw std::runtime_error("the connection is gone");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  // Type 0 when the other side has hung up.
  WireMessage read() {
    std::string header = read_exactly(5);
    if (header.size() < 5) return {};
    return {header[0], read_exactly(proxy::read_u32(header.data() + 1) - 4)};
  }

  // Up to and with the n-th ReadyForQuery, or the end.
  std::vector<WireMessage> read_until_ready(int n = 1) {
    std::vector<WireMessage> messages;
    while (n > 0) {
      messages.push_back(read());
      if (messages.back().type == 'Z') --n;
      if (messages.back().type == 0) break;
    }
    return messages;
  }

  using Options = std::vector<std::pair<std::string, std::string>>;

  static std::string startup(const std::string& user, const std::string& database,
                             const Options& more = {}) {
    proxy::MessageWriter body;
    body.u32(proxy::kProtocolVersion3);
    Options options = {{"user", user}, {"database", database}};
    options.insert(options.end(), more.begin(), more.end());
    for (const auto& [name, value] : options) {
      body.text(name);
      body.text(value);
    }
    body.bytes(std::string_view("\0", 1));
    proxy::MessageWriter packet;
    packet.u32(static_cast<std::uint32_t>(body.written().size() + 4));
    packet.bytes(body.written());
    return packet.take();
  }

  // With a server that trusts; what it said.
  std::vector<WireMessage> log_in(const std::string& user, const std::string& database,
                                  const Options& more = {}) {
    send(startup(user, database, more));
    auto said = read_until_ready();
    for (const auto& message : said)
      if (message.type == 'K') key_ = message.body;
    return said;
  }

  // The server's, once logged in.
  std::uint32_t process() const { return proxy::read_u32(key_.data()); }

  // A cancel request for this session, to be sent over another connection.
  std::string cancel_packet() const {
    proxy::MessageWriter packet;
    packet.u32(16);
    packet.u32(proxy::kCancelRequest);
    packet.bytes(key_);
    return packet.take();
  }

  std::string read_exactly(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t at = 0;
    while (at < size) {
      const auto n = ::recv(socket_, bytes.data() + at, size - at, 0);
      if (n <= 0) break;
      at += static_cast<std::size_t>(n);
    }
    bytes.resize(at);
    return bytes;
  }

 private:
  int socket_ = -1;
  std::string key_;
};

}  // namespace hintd::test
