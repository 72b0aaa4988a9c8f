#include "safety/supervisor.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace hintd::safety {
namespace {

class Sink final : public EventSink {
 public:
  bool record(Event event) noexcept override {
    if (const auto* safety = std::get_if<SafetyEvent>(&event)) names.push_back(safety->name);
    return true;
  }
  std::vector<std::string> names;
};

class SupervisorTest : public testing::Test {
 protected:
  void SetUp() override {
    supervisor_.on_take_back(
        [this](std::uint32_t version, const std::string&) { taken_back_.push_back(version); });
    for (int i = 0; i < 64; ++i) serve(kTemplate + i % 4, kDefaultArm, 100 + i % 5);
  }
  void deploy(std::uint32_t version, TemplateRules rules = {}) {
    supervisor_.deployed(std::make_shared<MemoryPolicy>(version, std::move(rules)));
  }
  void serve(std::uint64_t fingerprint, ArmId arm, double ms, bool failed = false,
             DecisionReason reason = DecisionReason::kVerified) {
    Decision decision;
    decision.arm = arm;
    decision.policy_version = 7;
    decision.reason = reason;
    supervisor_.served({fingerprint, {}, decision, Millis(ms), Millis(ms), failed});
  }
  // A policy that gives every template of these tests the arm.
  static TemplateRules arm_everywhere() {
    TemplateRules rules;
    for (std::uint64_t i = 0; i < 40; ++i) rules[kTemplate + i].rest.arm = kArm;
    return rules;
  }

  SimulatedClock clock_{TimePoint{}};
  Sink sink_;
  Supervisor supervisor_{SafetyConfig{}, clock_, sink_};
  std::vector<std::uint32_t> taken_back_;
};

TEST_F(SupervisorTest, AnArmThatIsSlowerIsNotAllowedAnyMore) {
  deploy(7, arm_everywhere());
  for (int i = 0; i < 10 && supervisor_.allows(kTemplate, kArm); ++i) serve(kTemplate, kArm, 200);
  EXPECT_FALSE(supervisor_.allows(kTemplate, kArm));
  EXPECT_TRUE(supervisor_.allows(kTemplate + 1, kArm));
  EXPECT_EQ(sink_.names.front(), "arm_taken_back");
}

TEST_F(SupervisorTest, DefaultRunsThatNoUserWaitedForAreABaselineToo) {
  constexpr std::uint64_t kRare = kTemplate + 20;
  deploy(7, arm_everywhere());
  for (int i = 0; i < 10; ++i) serve(kRare, kArm, 200);
  EXPECT_TRUE(supervisor_.allows(kRare, kArm)) << "nothing to measure it by";
  EXPECT_EQ(supervisor_.default_runs(kRare), 0U);
  for (int i = 0; i < 16; ++i) supervisor_.ran_default(kRare, {{}, 100.0 + i % 5});
  EXPECT_EQ(supervisor_.default_runs(kRare), 16U);
  for (int i = 0; i < 10 && supervisor_.allows(kRare, kArm); ++i) serve(kRare, kArm, 200);
  EXPECT_FALSE(supervisor_.allows(kRare, kArm));
}

TEST_F(SupervisorTest, AnArmTakenBackGetsAnotherChanceAfterTheCoolDownAndLessOftenEachTime) {
  deploy(7, arm_everywhere());
  const auto convict = [&] {
    for (int i = 0; i < 50 && supervisor_.allows(kTemplate, kArm); ++i) serve(kTemplate, kArm, 200);
    ASSERT_FALSE(supervisor_.allows(kTemplate, kArm));
  };
  const auto pass = [&](int hours) { clock_.wait_until(clock_.now() + std::chrono::hours(hours)); };
  convict();
  pass(1);
  EXPECT_TRUE(supervisor_.allows(kTemplate, kArm));
  convict();
  pass(1);
  EXPECT_FALSE(supervisor_.allows(kTemplate, kArm));
  pass(1);
  EXPECT_TRUE(supervisor_.allows(kTemplate, kArm));
}

TEST_F(SupervisorTest, APolicyThatIsSlowEverywhereIsTakenBackOnce) {
  deploy(7, arm_everywhere());
  for (std::uint64_t i = 0; i < 80; ++i) serve(kTemplate + i % 4, kArm, 250);
  EXPECT_EQ(taken_back_, std::vector<std::uint32_t>{7});
}

TEST_F(SupervisorTest, FailuresInARowOnDifferentTemplatesTakeThePolicyBack) {
  deploy(7, arm_everywhere());
  // After good runs, of which so few would not be too many.
  for (std::uint64_t i = 0; i < 8; ++i) serve(kTemplate + i % 4, kArm, 100);
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(taken_back_.empty());
    serve(kTemplate + 10 + i, static_cast<ArmId>(1 + i), 300, true);
  }
  EXPECT_EQ(taken_back_, std::vector<std::uint32_t>{7});
  EXPECT_FALSE(supervisor_.allows(kTemplate + 30, kArm));
}

TEST_F(SupervisorTest, APolicyOfWhichTooManyRunsFailIsTakenBackThoughOthersSucceedBetween) {
  deploy(7, arm_everywhere());
  int runs = 0;
  // As fast as the default where they do not fail; no arm of a template fails twice.
  for (; taken_back_.empty() && runs < 30; ++runs)
    serve(kTemplate + 4 + static_cast<std::uint64_t>(runs), kArm, 100, runs % 3 != 2);
  EXPECT_EQ(taken_back_, std::vector<std::uint32_t>{7});
  EXPECT_GT(runs, 5);
}

TEST_F(SupervisorTest, AnotherPolicyGetsANewChanceAfterHintingStopped) {
  deploy(7, arm_everywhere());
  for (std::uint64_t i = 0; i < 5; ++i)
    serve(kTemplate + 10 + i, static_cast<ArmId>(1 + i), 300, true);
  deploy(6);
  EXPECT_TRUE(supervisor_.allows(kTemplate + 30, kArm));
}

TEST_F(SupervisorTest, RunsOfAnEarlierPolicyDoNotCountAgainstTheOneInForce) {
  deploy(8, arm_everywhere());
  for (std::uint64_t i = 0; i < 80; ++i) serve(kTemplate + i % 4, kArm, 250);
  EXPECT_TRUE(taken_back_.empty());
}

TEST_F(SupervisorTest, InlineExploringIsNotHeldAgainstThePolicy) {
  deploy(7, arm_everywhere());
  for (std::uint64_t i = 0; i < 80; ++i)
    serve(kTemplate + i % 4, kArm, 250, false, DecisionReason::kExploring);
  EXPECT_TRUE(taken_back_.empty());
  EXPECT_TRUE(supervisor_.allows(kTemplate, kArm));
}

TEST_F(SupervisorTest, ARuleForOneLiteralIsComparedWithThatLiteralsRuns) {
  TemplateRules rules;
  auto& rule = rules[kTemplate];
  rule.cases_by = TemplateRule::CasesBy::kLiteral;
  rule.cases = {{42, {kArm, Millis(0)}}};
  deploy(7, std::move(rules));
  Decision by_default;
  for (int i = 0; i < 32; ++i)
    supervisor_.served({kTemplate, {42}, by_default, Millis(1000 + i), Millis(1000 + i), false});
  Decision hinted = by_default;
  hinted.arm = kArm;
  hinted.policy_version = 7;
  hinted.reason = DecisionReason::kVerifiedLiteral;
  for (int i = 0; i < 100; ++i)
    supervisor_.served({kTemplate, {42}, hinted, Millis(500), Millis(500), false});
  EXPECT_TRUE(supervisor_.allows(kTemplate, kArm));
  EXPECT_TRUE(taken_back_.empty());
}

// Runs of a template that is hedged after 50 ms; the default takes 100 ms alone.
class HedgedSupervisorTest : public SupervisorTest {
 protected:
  void SetUp() override {
    SupervisorTest::SetUp();
    TemplateRules rules;
    rules[kTemplate].rest = {kArm, Millis(50)};
    deploy(7, std::move(rules));
  }
  void serve_hedged(double ms, bool arm_won, bool joined = true) {
    Decision decision;
    decision.arm = arm_won ? kArm : kDefaultArm;
    decision.policy_version = 7;
    decision.reason = DecisionReason::kHedged;
    decision.patience = Millis(50);
    supervisor_.served({kTemplate,
                        {},
                        decision,
                        Millis(ms),
                        Millis(ms),
                        false,
                        joined ? std::optional(kArm) : std::nullopt});
  }
};

TEST_F(HedgedSupervisorTest, AnArmThatOnlySlowsTheDefaultIsTakenBackThoughItNeverWins) {
  for (int i = 0; i < 20 && supervisor_.allows(kTemplate, kArm); ++i) serve_hedged(200, false);
  EXPECT_FALSE(supervisor_.allows(kTemplate, kArm));
}

TEST_F(HedgedSupervisorTest, StatementsThatEndBeforeThePatienceDoNotDisplaceTheSlowOnes) {
  for (int i = 0; i < 500; ++i) serve_hedged(5, false, false);
  EXPECT_TRUE(supervisor_.allows(kTemplate, kArm));
  for (int i = 0; i < 40; ++i) serve_hedged(100 + i % 5, i % 2 == 0);
  EXPECT_TRUE(supervisor_.allows(kTemplate, kArm)) << "as slow as the default's slow ones";
  for (int i = 0; i < 60 && supervisor_.allows(kTemplate, kArm); ++i) serve_hedged(300, true);
  EXPECT_FALSE(supervisor_.allows(kTemplate, kArm));
}

}  // namespace
}  // namespace hintd::safety
