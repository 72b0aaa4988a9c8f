// kill -9 at any moment: what the running hintd acknowledged is in force when it starts again.
#include <nlohmann/json.hpp>
#include <thread>

#include "core/rng.h"
#include "database/postgres/connection.h"
#include "database/postgres/server_settings.h"
#include "learning/policy/policy_store.h"
#include "serving_api.h"

namespace hintd {
namespace {

using learning::PolicyId;

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

  PolicyId in_force() { return api_->get("summary").at("status").at("policy_version"); }

  // Deploys the versions in turn until the program dies. Answers what was acknowledged last and
  // what was asked for last.
  std::pair<PolicyId, PolicyId> deploy_until_killed(PolicyId deployed, Millis life) {
    std::thread killer([&, pid = api_->program().pid()] {
      const Stopwatch watch;
      while (watch.elapsed() < life) std::this_thread::yield();
      kill(pid, SIGKILL);
    });
    PolicyId asked = deployed;
    while (true) {
      asked = 3 - deployed;
      if (api_->change("POST", "policies/" + std::to_string(asked) + "/decisions",
                       {{"action", "deploy"}}) != 200)
        break;
      deployed = asked;
    }
    killer.join();
    EXPECT_EQ(api_->program().finish().status, 128 + SIGKILL);
    return {deployed, asked};
  }

  test::ScratchFolder scratch_;
  std::filesystem::path data_ = scratch_.path() / "data";
  SystemClock clock_;
  std::optional<test::ServingApi> api_;
};

TEST_F(KilledServiceTest, ThePolicyInForceIsTheOneThatWasLastAcknowledged) {
  const char* kills = std::getenv("HINTD_KILLS");
  Rng rng(7);
  std::pair<PolicyId, PolicyId> possible{1, 1};
  for (int i = 0; i <= (kills ? std::atoi(kills) : 20); ++i) {
    api_.emplace(data_, test::cluster_dsn());
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
