// kill -9 at any moment: what the running hintd acknowledged is in force when it starts again.
#include <nlohmann/json.hpp>
#include <thread>

#include "core/durable_file.h"
#include "core/rng.h"
#include "database/postgres/connection.h"
#include "database/postgres/server_settings.h"
#include "http_client.h"
#include "learning/policy/policy_store.h"
#include "program.h"
#include "telemetry/reader.h"

namespace hintd {
namespace {

using learning::PolicyId;
using nlohmann::json;

class KilledServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    make_versions();
  }

  // Two approved versions, 1 and 2.
  void make_versions() {
    auto connection = database::Connection::open({test::cluster_dsn()});
    ASSERT_TRUE(connection) << connection.error().text();
    const auto server = database::read_server_identity(*connection);
    ASSERT_TRUE(server) << server.error().text();
    const auto catalogue = HintCatalogue::create(
        {{"default", "", {}}, {"no_nestloop", "", {{"enable_nestloop", "off"}}}});
    auto store = learning::PolicyStore::open(data_ / "policies", *server, *catalogue, clock_);
    ASSERT_TRUE(store) << store.error().text();
    for (PolicyId id = 1; id <= 2; ++id) {
      learning::PolicyVersion version;
      version.rules[id].rest.arm = 1;
      ASSERT_EQ(*store->add(version, "test"), id);
      ASSERT_TRUE(store->approve(id, "test", ""));
    }
    ASSERT_TRUE(store->deploy(1, "test", ""));
  }

  void start() {
    program_.emplace(std::vector<std::string>{"serve", "--dsn", test::cluster_dsn(), "--data-dir",
                                              data_, "--listen", "127.0.0.1:0", "--http",
                                              "127.0.0.1:0"});
    const std::string begin = "dashboard: http://127.0.0.1:";
    const auto line = program_->line_with(begin);
    ASSERT_FALSE(line.empty()) << "it did not start";
    port_ = std::stoi(line.substr(begin.size()));
    token_ = *read_file(data_ / "dashboard.token");
    token_.pop_back();
  }

  test::Answer ask(const std::string& method, const std::string& target, const std::string& body) {
    test::HttpClient client(port_);
    const auto sent = client.send(
        method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
        "\r\nAuthorization: Bearer " + token_ +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body);
    return sent ? client.answer() : test::Answer{};
  }
  PolicyId in_force() {
    const auto summary = json::parse(ask("GET", "/api/v1/summary", "").body);
    return summary.at("status").at("policy_version");
  }

  // Deploys the versions in turn until the program dies. Answers what was acknowledged last and
  // what was asked for last.
  std::pair<PolicyId, PolicyId> deploy_until_killed(PolicyId deployed, Millis life) {
    std::thread killer([&, pid = program_->pid()] {
      const Stopwatch watch;
      while (watch.elapsed() < life) std::this_thread::yield();
      kill(pid, SIGKILL);
    });
    PolicyId asked = deployed;
    while (true) {
      asked = 3 - deployed;
      const auto answer = ask("POST", "/api/v1/policies/" + std::to_string(asked) + "/decisions",
                              R"({"action": "deploy", "why": "a test"})");
      if (answer.status != 200) break;
      deployed = asked;
    }
    killer.join();
    EXPECT_EQ(program_->finish().status, 128 + SIGKILL);
    return {deployed, asked};
  }

  test::ScratchFolder scratch_;
  std::filesystem::path data_ = scratch_.path() / "data";
  SystemClock clock_;
  std::optional<test::Program> program_;
  int port_ = 0;
  std::string token_;
};

TEST_F(KilledServiceTest, ThePolicyInForceIsTheOneThatWasLastAcknowledged) {
  const char* kills = std::getenv("HINTD_KILLS");
  Rng rng(7);
  std::pair<PolicyId, PolicyId> possible{1, 1};
  for (int i = 0; i <= (kills ? std::atoi(kills) : 20); ++i) {
    start();
    if (HasFatalFailure()) return;
    // What was asked for when the kill came took effect or did not.
    const auto now = in_force();
    EXPECT_TRUE(now == possible.first || now == possible.second) << now << " after kill " << i;
    possible = deploy_until_killed(now, Millis(rng.uniform(0, 60)));
  }
  const auto checked = test::run_program({"telemetry", "check", "--out", data_});
  EXPECT_EQ(checked.status, 0) << checked.err;
}

}  // namespace
}  // namespace hintd
