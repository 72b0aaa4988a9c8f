// Raw HTTP/1.1 over a socket: what a client sends, byte for byte.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace hintd::test {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(int port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~HttpClient() { ::close(descriptor_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return connected_; }

  // False when the server has hung up.
  bool send(const std::string& bytes) {
    return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  // Reads until the text has come, or the server hangs up.
  std::string read_until(const std::string& text) {
    while (read_.find(text) == std::string::npos && more()) {
    }
    return read_;
  }

  // One answer, with Content-Length or in chunks.
  Answer answer() {
    Answer found;
    const auto head_end = [this] { return read_.find("\r\n\r\n"); };
    while (head_end() == std::string::npos && more()) {
    }
    if (head_end() == std::string::npos) return found;
    found.head = read_.substr(0, head_end() + 2);
    found.status = std::stoi(found.head.substr(9, 3));
    read_.erase(0, head_end() + 4);
    if (found.head.find("Transfer-Encoding: chunked") != std::string::npos) {
      found.body = chunks();
      return found;
    }
    const auto at = found.head.find("Content-Length: ");
    const std::size_t length = at == std::string::npos ? 0 : std::stoul(found.head.substr(at + 16));
    while (read_.size() < length && more()) {
    }
    found.body = read_.substr(0, length);
    read_.erase(0, length);
    return found;
  }

  // Does the server hang up? Waits for it.
  bool hung_up() {
    while (more()) {
    }
    return ended_;
  }

 private:
  // Until the last one, or the server hangs up.
  std::string chunks() {
    std::string body;
    while (true) {
      while (read_.find("\r\n") == std::string::npos && more()) {
      }
      const auto line = read_.find("\r\n");
      if (line == std::string::npos) return body;
      const auto length = std::stoul(read_.substr(0, line), nullptr, 16);
      while (read_.size() < line + 2 + length + 2 && more()) {
      }
      body += read_.substr(line + 2, length);
      read_.erase(0, line + 2 + length + 2);
      if (length == 0) return body;
    }
  }

  bool more() {
    pollfd waited{descriptor_, POLLIN, 0};
    if (poll(&waited, 1, 60'000) <= 0) return false;
    char bytes[4096];
    const auto count = recv(descriptor_, bytes, sizeof bytes, 0);
    ended_ = count <= 0;
    if (count > 0) read_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int descriptor_;
  bool connected_ = false;
  bool ended_ = false;
  std::string read_;
};

}  // namespace hintd::test
