#include "learning/policy/policy_store.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <cmath>

#include <fstream>

#include "core/durable_file.h"
#include "learning/policy/policy_file.h"
#include "scratch_folder.h"

namespace hintd::learning {
namespace {

class PolicyStoreTest : public testing::Test {
 protected:
  static HintCatalogue catalogue(const std::string& second = "no_nestloop") {
    return *HintCatalogue::create(
        {{"default", "", {}}, {second, "", {{"enable_nestloop", "off"}}}});
  }
  PolicyStore open(const std::string& server = "shop@1") {
    auto store = PolicyStore::open(folder_, server, catalogue_, clock_);
    EXPECT_TRUE(store) << store.error().text();
    return std::move(*store);
  }
  static PolicyVersion version() {
    PolicyVersion policy;
    auto& rule = policy.rules[0x9f3ac1];
    rule.rest = {1, Millis(12.5)};
    rule.cases_by = TemplateRule::CasesBy::kLiteral;
    rule.literal = 2;
    rule.cases = {{3, {}}, {5, {1, Millis(3), Millis(3), true}}};
    rule.default_latency = Millis(80);
    policy.evidence = R"({"pairs":30})";
    return policy;
  }
  PolicyId add_approved(PolicyStore& store) {
    const auto id = *store.add(version(), "test");
    EXPECT_TRUE(store.approve(id, "test", ""));
    return id;
  }
  static PolicyId deployed(const PolicyStore& store) { return store.state()->deployed; }

  hintd::test::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
  HintCatalogue catalogue_ = catalogue();
  SimulatedClock clock_{TimePoint{} + std::chrono::hours(1)};
};

TEST_F(PolicyStoreTest, AVersionComesBackAsItWasAdded) {
  auto store = open();
  const auto id = *store.add(version(), "learner");
  const auto back = store.load(id);
  ASSERT_TRUE(back) << back.error().text();
  const auto& rule = back->rules.at(0x9f3ac1);
  const auto expected = version();
  const auto& wanted = expected.rules.at(0x9f3ac1);
  EXPECT_EQ(rule.rest, wanted.rest);
  EXPECT_EQ(rule.reason, wanted.reason);
  EXPECT_EQ(rule.cases_by, wanted.cases_by);
  EXPECT_EQ(rule.literal, wanted.literal);
  EXPECT_EQ(rule.cases, wanted.cases);
  EXPECT_EQ(rule.default_latency, wanted.default_latency);
  EXPECT_EQ(back->evidence, expected.evidence);
  EXPECT_EQ(back->made, clock_.now());
  EXPECT_EQ(back->server, "shop@1");
}

TEST_F(PolicyStoreTest, AForecastComesBackAsItWasAdded) {
  auto store = open();
  auto policy = version();
  auto& rule = policy.rules[0x9f3ac1];
  rule.cases_by = TemplateRule::CasesBy::kForecast;
  rule.forecast = {std::log(12.5), {{0, 50, 0.75}, {0, 51, -1.0 / 3}, {2, 50, 1e-9}}};
  const auto id = *store.add(policy, "learner");
  const auto back = store.load(id);
  ASSERT_TRUE(back) << back.error().text();
  const auto& read = back->rules.at(0x9f3ac1);
  EXPECT_EQ(read.cases_by, rule.cases_by);
  EXPECT_EQ(read.cases, rule.cases);
  for (const auto& literals : {std::vector<std::uint64_t>{}, {50}, {51, 9, 50}, {52, 50, 51}})
    EXPECT_EQ(read.forecast.log_ms_of(literals), rule.forecast.log_ms_of(literals));
  EXPECT_EQ(read.forecast.effects.size(), 3U);
}

TEST_F(PolicyStoreTest, NumbersGoOnAndParentsAreWhatWasDeployed) {
  auto store = open();
  const auto first = add_approved(store);
  ASSERT_TRUE(store.deploy(first, "test", ""));
  const auto second = *store.add(version(), "learner");
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(store.load(second)->parent, first);
}

TEST_F(PolicyStoreTest, TheStateSaysWhatAListShowsAlsoOfWhatIsBanned) {
  auto store = open();
  const auto first = add_approved(store);
  ASSERT_TRUE(store.deploy(first, "test", ""));
  auto more = version();
  more.rules[0x77];
  const auto second = *store.add(more, "learner");
  ASSERT_TRUE(store.ban(second, "test", "it hurt"));
  std::filesystem::remove(folder_ / "000002.json");
  const auto head = open().state()->policies.at(second).head;
  EXPECT_EQ(head.parent, first);
  EXPECT_EQ(head.made, clock_.now());
  EXPECT_EQ(head.templates, 2);
  EXPECT_EQ(head.steered, 1);
  EXPECT_EQ(head.evidence, more.evidence);
}

TEST_F(PolicyStoreTest, OnlyWhatIsApprovedIsDeployed) {
  auto store = open();
  const auto id = *store.add(version(), "learner");
  EXPECT_EQ(store.deploy(id, "test", "").error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(store.approve(id, "test", ""));
  EXPECT_TRUE(store.deploy(id, "test", ""));
  EXPECT_EQ(deployed(store), id);
}

TEST_F(PolicyStoreTest, WhatIsBannedCanNeitherBeApprovedNorDeployed) {
  auto store = open();
  const auto id = add_approved(store);
  ASSERT_TRUE(store.ban(id, "test", "it hurt"));
  const auto approved = store.approve(id, "test", "");
  ASSERT_FALSE(approved);
  EXPECT_NE(approved.error().message.find("banned"), std::string::npos);
  EXPECT_NE(approved.error().message.find("it hurt"), std::string::npos);
  EXPECT_FALSE(store.deploy(id, "test", ""));
}

TEST_F(PolicyStoreTest, RollingBackDeploysTheLastGoodOneBefore) {
  auto store = open();
  const auto first = add_approved(store);
  const auto second = add_approved(store);
  const auto third = add_approved(store);
  for (const auto id : {first, second, third}) ASSERT_TRUE(store.deploy(id, "test", ""));
  ASSERT_TRUE(store.reject(second, "test", "doubts"));
  EXPECT_EQ(*store.roll_back("safety", "slow"), first);
  EXPECT_EQ(store.state()->policies.at(third).state, PolicyState::kRejected);
  EXPECT_EQ(*store.roll_back("safety", "slow too"), kNoPolicy);
  EXPECT_FALSE(store.roll_back("safety", "again"));
}

TEST_F(PolicyStoreTest, RejectingWhatServesTakesItBack) {
  auto store = open();
  const auto first = add_approved(store);
  const auto second = add_approved(store);
  ASSERT_TRUE(store.deploy(first, "test", ""));
  ASSERT_TRUE(store.deploy(second, "test", ""));
  ASSERT_TRUE(store.reject(second, "test", "no"));
  EXPECT_EQ(deployed(store), first);
}

TEST_F(PolicyStoreTest, APinHoldsAgainstDeploysAndNotAgainstSafety) {
  auto store = open();
  const auto first = add_approved(store);
  const auto second = add_approved(store);
  ASSERT_TRUE(store.pin(first, "test"));
  EXPECT_EQ(store.state()->policies.at(first).state, PolicyState::kPreferred);
  EXPECT_FALSE(store.deploy(second, "learner", ""));
  EXPECT_EQ(*store.roll_back("safety", "slow"), kNoPolicy);
  EXPECT_FALSE(store.state()->pinned);
  EXPECT_TRUE(store.deploy(second, "learner", ""));
}

TEST_F(PolicyStoreTest, UnknownIdsAreNamed) {
  auto store = open();
  for (const auto& failed : {store.approve(9, "test", ""), store.deploy(9, "test", ""),
                             store.reject(9, "test", ""), store.ban(9, "test", "")}) {
    EXPECT_EQ(failed.error().kind, ErrorKind::kNotFound);
    EXPECT_NE(failed.error().message.find("policy 9"), std::string::npos);
  }
  EXPECT_EQ(store.load(9).error().kind, ErrorKind::kNotFound);
}

TEST_F(PolicyStoreTest, EveryDecisionIsInTheAuditLogWithItsActor) {
  auto store = open();
  const auto id = add_approved(store);
  ASSERT_TRUE(store.deploy(id, "ada", "looks good"));
  const auto audit = store.audit();
  ASSERT_EQ(audit.size(), 3U);
  EXPECT_EQ(audit[2].action, "deploy");
  EXPECT_EQ(audit[2].actor, "ada");
  EXPECT_EQ(audit[2].detail, "looks good");
  EXPECT_EQ(audit[2].policy, id);
  EXPECT_EQ(audit[2].line, 3);
}

TEST_F(PolicyStoreTest, AnotherServersPolicyIsRefused) {
  auto policy = version();
  policy.server = "shop@2";
  auto store = open();
  const auto imported = store.import(to_text(policy, catalogue_), "theirs.json", "test");
  ASSERT_FALSE(imported);
  EXPECT_NE(imported.error().message.find("another server (shop@2, not shop@1)"),
            std::string::npos);
}

TEST_F(PolicyStoreTest, AnotherServersStoreIsRefused) {
  {
    auto store = open();
    (void)add_approved(store);
  }
  const auto other = PolicyStore::open(folder_, "shop@2", catalogue_, clock_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::kConflict);
}

TEST_F(PolicyStoreTest, APolicyOfHintSetsThatAreGoneIsNamed) {
  const auto id = [&] {
    auto store = open();
    return *store.add(version(), "test");
  }();
  const auto other = catalogue("no_hashjoin");
  const auto store = PolicyStore::open(folder_, "shop@1", other, clock_);
  const auto loaded = store->load(id);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("no_nestloop"), std::string::npos);
}

TEST_F(PolicyStoreTest, ADamagedVersionIsRefused) {
  auto store = open();
  const auto id = *store.add(version(), "test");
  const auto file = folder_ / "000001.json";
  auto text = *read_file(file);
  text.replace(text.find("no_nestloop"), 2, "on");
  std::ofstream(file) << text;
  EXPECT_EQ(store.load(id).error().kind, ErrorKind::kCorrupt);
}

TEST_F(PolicyStoreTest, ADecisionCutShortIsMarkedWhenTheStoreIsOpened) {
  {
    auto store = open();
    (void)add_approved(store);
  }
  std::ofstream(folder_ / "audit.jsonl", std::ios::app)
      << R"({"line":3,"action":"deploy","policy":1})"
      << "\n{\"line\":4,\"act";
  auto store = open();
  EXPECT_EQ(deployed(store), kNoPolicy);
  const auto audit = store.audit();
  EXPECT_EQ(audit.back().action, "not_done");
  EXPECT_EQ(audit.back().policy, 1U);
  ASSERT_TRUE(store.deploy(1, "test", ""));
  EXPECT_EQ(store.audit().back().action, "deploy");
}

TEST_F(PolicyStoreTest, SurvivesAKillAtAnyMoment) {
  PolicyId first = kNoPolicy;
  {
    auto store = open();
    first = add_approved(store);
    (void)add_approved(store);
  }
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto store = PolicyStore::open(folder_, "shop@1", catalogue_, clock_);
      for (PolicyId id = first; store; id = 3 - id) {
        (void)store->deploy(id, "child", "");
        if (write(ends[1], ".", 1) != 1) _exit(1);
      }
      _exit(0);
    }
    // Killed in the midst of one of its operations.
    char dot = 0;
    for (int done = 0; done <= round % 5; ++done) ASSERT_EQ(read(ends[0], &dot, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    auto store = open();
    const auto state = store.state();
    ASSERT_TRUE(state) << state.error().text();
    ASSERT_TRUE(store.load(state->deployed)) << round;
  }
}

}  // namespace
}  // namespace hintd::learning
