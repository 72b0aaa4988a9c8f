// A dashboard over a made-up run, with the questions tests ask it.
#pragma once

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "dashboard/web_server.h"
#include "fake_operations.h"
#include "http_client.h"
#include "sample_run.h"
#include "scratch_folder.h"
#include "telemetry/event_writer.h"

namespace hintd::dashboard {

class ServingDashboard : public testing::Test {
 protected:
  void SetUp() override {
    config_.http = "127.0.0.1:0";
    telemetry::TelemetryConfig telemetry;
    telemetry.path = file();
    auto writer = telemetry::EventWriter::open(telemetry);
    ASSERT_TRUE(writer) << writer.error().text();
    writer_ = std::move(*writer);
    for (auto& event : telemetry::SampleRun{.templates = 8, .queries_per_phase = 200}.events())
      writer_->record(std::move(event));
    ASSERT_TRUE(writer_->flush());
    serve();
  }

  void serve() {
    auto server = WebServer::start({config_, file(), folder_.path()}, &operations_);
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
    port_ = std::stoi(server_->address().substr(server_->address().rfind(':') + 1));
    token_ = *read_file(server_->token_file());
    token_.pop_back();
  }

  std::filesystem::path file() const { return folder_.path() / "telemetry.sqlite"; }
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string with_token() const { return "Authorization: Bearer " + token_ + "\r\n"; }

  std::string request(const std::string& method, const std::string& target,
                      const std::string& headers = {}, const std::string& body = {}) const {
    auto text = method + " " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + headers;
    if (!body.empty())
      text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n";
    return text + "\r\n" + body;
  }
  test::Answer ask(const std::string& bytes) const {
    test::HttpClient client(port_);
    EXPECT_TRUE(client.send(bytes));
    return client.answer();
  }
  test::Answer get(const std::string& target, const std::string& headers = {}) const {
    return ask(request("GET", target, headers));
  }
  test::Answer change(const std::string& method, const std::string& target,
                      const std::string& body) const {
    return ask(request(method, target, with_token(), body));
  }

  test::ScratchFolder folder_;
  DashboardConfig config_;
  test::FakeOperations operations_;
  std::unique_ptr<telemetry::EventWriter> writer_;
  std::unique_ptr<WebServer> server_;
  int port_ = 0;
  std::string token_;
};

}  // namespace hintd::dashboard
