// kill -9 at any moment: what the running hintd acknowledged is in force when it starts again.
#include <nlohmann/json.hpp>
#include <thread>

#include "config/hint_catalogue.h"
#include "core/rng.h"
#include "learning/policy/policy_version.h"
#include "safety/guard_file.h"
#include "service_setup.h"
#include "serving_api.h"

namespace hintd {
namespace {

using learning::PolicyId;

class KilledServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    TemplateRule hinted;
    hinted.rest.arm = 1;
    test::make_versions(data_, test::cluster_dsn(), {TemplateRules{{1, hinted}}, {{2, hinted}}});
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

  // What a guard would have left behind that convicted an arm of the shipped catalogue.
  void convict_an_arm() {
    const auto catalogue = config::load_catalogue(HINTD_SOURCE_DIR "/config/hints.yaml", "default");
    ASSERT_TRUE(catalogue) << catalogue.error().text();
    std::vector<std::string> arms;
    for (const auto& set : catalogue->sets()) arms.push_back(set.name);
    const SystemClock clock;
    safety::CircuitBreaker breaker({}, clock);
    breaker.convicted(7, 1);
    safety::GuardState state;
    state.scopes = breaker.scopes();
    ASSERT_TRUE(safety::save_guards(data_ / "guards.ckpt", state, arms));
  }

  test::ScratchFolder scratch_;
  std::filesystem::path data_ = scratch_.path() / "data";
  std::optional<test::ServingApi> api_;
};

TEST_F(KilledServiceTest, ThePolicyInForceIsTheOneThatWasLastAcknowledged) {
  const char* kills = std::getenv("KILLS");
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

TEST_F(KilledServiceTest, AnArmThatWasConvictedStaysRefused) {
  convict_an_arm();
  for (int start = 0; start < 2; ++start) {
    api_.emplace(data_, test::cluster_dsn());
    EXPECT_EQ(api_->get("summary").at("status").at("open_breakers"), 1) << "start " << start;
    EXPECT_EQ(api_->program().finish_after(SIGKILL).status, 128 + SIGKILL);
  }
  EXPECT_EQ(test::content_of(data_ / "errors.log"), "");
}

}  // namespace
}  // namespace hintd
