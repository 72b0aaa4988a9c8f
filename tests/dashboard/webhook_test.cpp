#include "dashboard/webhook.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/durable_file.h"
#include "dashboard/access.h"
#include "scratch_folder.h"

namespace hintd::dashboard {
namespace {

using testing::HasSubstr;

// Somebody's server: answers each request with the next status it was given.
class Receiver {
 public:
  Receiver() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool listening =
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::listen(descriptor_, 8) == 0 &&
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    EXPECT_TRUE(listening);
    port_ = ntohs(address.sin_port);
  }
  ~Receiver() { ::close(descriptor_); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }

  // The next request, whole.
  std::string take(const std::string& status) {
    const int client = ::accept(descriptor_, nullptr, nullptr);
    std::string read;
    while (!is_whole(read)) {
      char bytes[4096];
      const auto count = ::recv(client, bytes, sizeof bytes, 0);
      if (count <= 0) break;
      read.append(bytes, static_cast<std::size_t>(count));
    }
    const auto answer = "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(answer.size()));
    ::close(client);
    return read;
  }

 private:
  static bool is_whole(const std::string& read) {
    const auto head = read.find("\r\n\r\n");
    const auto at = read.find("Content-Length: ");
    return head != std::string::npos && at != std::string::npos &&
           read.size() >= head + 4 + std::stoul(read.substr(at + 16));
  }

  int descriptor_;
  int port_ = 0;
};

TEST(WebhookTest, AnEventIsSignedAndTriedAgainUntilItIsTaken) {
  const test::ScratchFolder folder;
  const auto secret = folder.path() / "secret";
  ASSERT_TRUE(replace_file(secret, "a secret\n"));
  Receiver receiver;
  const auto webhook = Webhook::start(receiver.url(), secret);
  ASSERT_TRUE(webhook) << webhook.error().text();
  const std::string event = R"({"name":"arm_taken_back"})";
  (*webhook)->send(event);
  for (const auto* status : {"503 Service Unavailable", "200 OK"}) {
    const auto request = receiver.take(status);
    EXPECT_THAT(request, testing::StartsWith("POST /hook HTTP/1.1\r\n"));
    EXPECT_THAT(request, testing::EndsWith("\r\n\r\n" + event));
    EXPECT_THAT(request,
                HasSubstr("X-Hintd-Signature: sha256=" + signature("a secret", event) + "\r\n"));
  }
}

TEST(WebhookTest, EventsGoOutInTheOrderTheyHappened) {
  Receiver receiver;
  const auto webhook = Webhook::start(receiver.url(), {});
  ASSERT_TRUE(webhook);
  for (const auto* event : {"1", "2", "3"}) (*webhook)->send(event);
  for (const auto* event : {"1", "2", "3"}) {
    const auto request = receiver.take("204 No Content");
    EXPECT_THAT(request, testing::EndsWith(std::string("\r\n\r\n") + event));
    EXPECT_THAT(request, testing::Not(HasSubstr("X-Hintd-Signature")));
  }
}

TEST(WebhookTest, WhatIsNoAddressIsRefused) {
  const auto webhook = Webhook::start("ftp://example.org/", {});
  ASSERT_FALSE(webhook);
  EXPECT_THAT(webhook.error().text(), HasSubstr("dashboard.webhook_url"));
}

TEST(WebhookTest, ASecretThatCannotBeReadIsRefused) {
  EXPECT_FALSE(Webhook::start("http://127.0.0.1:1/", "/nonexistent/secret"));
}

TEST(WebhookTest, TheSignatureIsHmacSha256) {
  // RFC 4231, test case 2.
  EXPECT_EQ(signature("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace hintd::dashboard
