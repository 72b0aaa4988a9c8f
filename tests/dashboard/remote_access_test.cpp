#include <gmock/gmock.h>

#include <array>
#include <cstdio>

#include "serving_dashboard.h"

namespace hintd::dashboard {
namespace {

using testing::HasSubstr;

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> bytes{};
  while (const auto count = fread(bytes.data(), 1, bytes.size(), pipe))
    text.append(bytes.data(), count);
  pclose(pipe);
  return text;
}

// Reached from other machines: over TLS, with the token alone.
class RemoteAccessTest : public ServingDashboard {
 protected:
  void SetUp() override {
    const auto key = folder_.path() / "key.pem";
    const auto certificate = folder_.path() / "certificate.pem";
    const auto made =
        output_of("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout " +
                  key.string() + " -out " + certificate.string());
    ASSERT_TRUE(std::filesystem::exists(certificate)) << made;
    config_.tls_key = key;
    config_.tls_certificate = certificate;
    ServingDashboard::SetUp();
  }

  std::string over_tls(const std::string& bytes) const {
    const auto file = folder_.path() / "request";
    EXPECT_TRUE(replace_file(file, bytes));
    return output_of("openssl s_client -quiet -ign_eof -connect " + host() + " < " + file.string());
  }
};

TEST_F(RemoteAccessTest, ReadingNeedsTheTokenToo) {
  server_.reset();
  config_.http = "0.0.0.0:0";
  serve();
  const std::string close = "Connection: close\r\n";
  EXPECT_THAT(over_tls(request("GET", "/api/v1/summary", close)), HasSubstr("HTTP/1.1 401"));
  EXPECT_THAT(over_tls(request("GET", "/metrics", close)), HasSubstr("HTTP/1.1 401"));
  EXPECT_THAT(over_tls(request("GET", "/api/v1/summary", with_token() + close)),
              HasSubstr("HTTP/1.1 200"));
}

TEST_F(RemoteAccessTest, PlainHttpIsNotAnsweredWhereTlsIs) {
  EXPECT_EQ(get("/api/v1/summary").status, 0);
  EXPECT_THAT(over_tls(request("GET", "/healthz", "Connection: close\r\n")),
              HasSubstr("HTTP/1.1 200"));
}

}  // namespace
}  // namespace hintd::dashboard
