#include <gmock/gmock.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "dashboard/http_server.h"
#include "serving_dashboard.h"

namespace hintd::dashboard {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const json kOff = {{"on", false}, {"why", "a test"}};

class ApiSecurityTest : public ServingDashboard {};

TEST_F(ApiSecurityTest, TheTokenIsTheOwnersAlone) {
  struct stat found {};
  ASSERT_EQ(stat(server_->token_file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  EXPECT_EQ(token_.size(), 64U);
}

TEST_F(ApiSecurityTest, ATokenThatOthersMayReadIsRefused) {
  ASSERT_EQ(chmod(server_->token_file().c_str(), 0644), 0);
  const auto again = WebServer::start({config_, file(), folder_.path()}, nullptr);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text(), HasSubstr("chmod 600"));
}

TEST_F(ApiSecurityTest, ChangesNeedTheToken) {
  EXPECT_EQ(ask(request("PUT", "/api/v1/hints", "", kOff.dump())).status, 401);
  EXPECT_EQ(
      ask(request("PUT", "/api/v1/hints", "Authorization: Bearer wrong\r\n", kOff.dump())).status,
      401);
  EXPECT_TRUE(operations_.status().hints_on);
  EXPECT_EQ(change("PUT", "/api/v1/hints", kOff.dump()).status, 200);
  EXPECT_FALSE(operations_.status().hints_on);
}

TEST_F(ApiSecurityTest, ReadingOnLoopbackNeedsNone) {
  EXPECT_EQ(get("/api/v1/summary").status, 200);
}

TEST_F(ApiSecurityTest, AnotherHostNameIsRefused) {
  const auto answer = ask("GET /api/v1/summary HTTP/1.1\r\nHost: evil.example:80\r\n\r\n");
  EXPECT_EQ(answer.status, 421);
  EXPECT_THAT(answer.head, HasSubstr("application/problem+json"));
  EXPECT_EQ(ask("GET /api/v1/summary HTTP/1.1\r\n\r\n").status, 421) << "no host at all";
}

TEST_F(ApiSecurityTest, AnotherSitesScriptIsRefused) {
  EXPECT_EQ(get("/api/v1/summary", "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(get("/api/v1/summary", "Origin: http://127.0.0.1:1\r\n").status, 403);
  EXPECT_EQ(get("/api/v1/summary", "Origin: null\r\n").status, 403);
  EXPECT_EQ(get("/api/v1/summary", "Origin: http://" + host() + "\r\n").status, 200);
  EXPECT_EQ(ask(request("PUT", "/api/v1/hints", with_token() + "Origin: http://evil.example\r\n",
                        kOff.dump()))
                .status,
            403);
}

TEST_F(ApiSecurityTest, EveryAnswerForbidsWhatPagesNeedNot) {
  for (const auto* target : {"/", "/api/v1/summary", "/metrics", "/nothing.js"}) {
    const auto head = get(target).head;
    EXPECT_THAT(head, HasSubstr("Content-Security-Policy: default-src 'self'")) << target;
    EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff")) << target;
    EXPECT_THAT(head, Not(HasSubstr("Access-Control-Allow"))) << target;
  }
}

TEST_F(ApiSecurityTest, BadJsonIsSaidInOneLine) {
  for (const auto* body : {"{", "[]", "7", "{\"on\": \"yes\", \"why\": \"x\"}", "{\"on\": true}",
                           "{\"on\": true, \"why\": \"\"}", "{\"why\": 3}"}) {
    const auto answer = ask(request("PUT", "/api/v1/hints", with_token(), body));
    EXPECT_EQ(answer.status, 400) << body;
    const auto problem = json::parse(answer.body);
    EXPECT_EQ(problem.at("status"), 400);
    EXPECT_FALSE(problem.at("detail").get<std::string>().empty());
  }
  EXPECT_TRUE(operations_.status().hints_on);
}

TEST_F(ApiSecurityTest, AFormCannotChangeAnything) {
  const std::string body = kOff.dump();
  const auto answer =
      ask("PUT /api/v1/hints HTTP/1.1\r\nHost: " + host() + "\r\n" + with_token() +
          "Content-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n\r\n" + body);
  EXPECT_EQ(answer.status, 400);
}

TEST_F(ApiSecurityTest, AHugeBodyIsRefusedUnread) {
  const auto answer =
      ask("POST /api/v1/explain HTTP/1.1\r\nHost: " + host() + "\r\n" + with_token() +
          "Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
}

TEST_F(ApiSecurityTest, PathsDoNotLeaveThePage) {
  for (const auto* target :
       {"/../etc/passwd", "/..%2f..%2fetc/passwd", "/assets/../../dashboard.token",
        "/%2e%2e/dashboard.token", "/dashboard.token", "/telemetry.sqlite"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.body.find("root:"), std::string::npos) << target;
    EXPECT_EQ(answer.body.find(token_), std::string::npos) << target;
    EXPECT_TRUE(answer.status == 404 || answer.body.find("<!doctype html>") == 0 ||
                answer.body.find("without its page") != std::string::npos)
        << target << " " << answer.status;
  }
}

TEST_F(ApiSecurityTest, NoAnswerHoldsALiteral) {
  EXPECT_EQ(get("/api/v1/system").body.find("secret"), std::string::npos);
  EXPECT_EQ(get("/api/v1/templates/0000000000000001/plans").body.find("secret"), std::string::npos);
}

TEST_F(ApiSecurityTest, BeyondLoopbackItWantsACertificate) {
  config_.http = "0.0.0.0:0";
  const auto server = WebServer::start({config_, file(), folder_.path()}, nullptr);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().text(), HasSubstr("tls_certificate"));
}

TEST_F(ApiSecurityTest, APortInUseIsSaid) {
  config_.http = host();
  const auto server = WebServer::start({config_, file(), folder_.path()}, nullptr);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().text(), HasSubstr("in use"));
}

TEST_F(ApiSecurityTest, WhatIsNotHttpIsHungUpOn) {
  test::HttpClient client(port_);
  client.send("\x16\x03\x01 this is no request\r\n\r\n");
  EXPECT_TRUE(client.hung_up());
  EXPECT_EQ(get("/healthz").status, 200);
}

class HttpLimitsTest : public testing::Test {
 protected:
  void serve(const HttpServerConfig& config) {
    HttpHandlers handlers;
    handlers.admit = [](const HttpRequest&) { return std::nullopt; };
    handlers.handle = [](const HttpRequest&) { return answer("fine"); };
    auto server = HttpServer::start(config, std::move(handlers));
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpLimitsTest, AHeaderThatDripsIsHungUpOn) {
  serve({.request_timeout = std::chrono::milliseconds(300)});
  test::HttpClient client(server_->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n"));
  // The bytes come, but the request's end does not.
  bool open = true;
  while (open) {
    open = client.send("X: y\r\n");
    pollfd rest{-1, 0, 0};
    poll(&rest, 0, 20);
  }
  EXPECT_FALSE(open);
}

TEST_F(HttpLimitsTest, AnIdleConnectionIsHungUpOn) {
  serve({.idle_timeout = std::chrono::milliseconds(300)});
  test::HttpClient client(server_->port());
  EXPECT_TRUE(client.hung_up());
}

TEST_F(HttpLimitsTest, OneConnectionCarriesManyRequests) {
  serve({});
  test::HttpClient client(server_->port());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_EQ(client.answer().body, "fine");
  }
}

TEST_F(HttpLimitsTest, OneConnectionTooManyIsTurnedAway) {
  serve({.max_connections = 4});
  std::vector<std::unique_ptr<test::HttpClient>> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(std::make_unique<test::HttpClient>(server_->port()));
    ASSERT_TRUE(open.back()->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    ASSERT_EQ(open.back()->answer().status, 200);
  }
  test::HttpClient last(server_->port());
  last.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(last.answer().status, 503);
}

}  // namespace
}  // namespace hintd::dashboard
