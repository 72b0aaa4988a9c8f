#include "safety/guard_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "core/rng.h"
#include "safety/supervisor.h"
#include "samples.h"
#include "scratch_folder.h"

namespace hintd::safety {
namespace {

constexpr ArmId kServedArm = 1;
const std::vector<std::string> kArms = {"default", "no_nestloop"};

class Nobody final : public EventSink {
 public:
  bool record(Event) noexcept override { return true; }
};

class GuardFileTest : public testing::Test {
 protected:
  std::unique_ptr<Supervisor> supervisor(std::uint32_t version = 7) {
    auto made = std::make_unique<Supervisor>(SafetyConfig{}, clock_, nobody_);
    TemplateRules rules;
    rules[kTemplate].rest.arm = kServedArm;
    made->deployed(std::make_shared<MemoryPolicy>(version, std::move(rules)));
    return made;
  }
  static void serve(Supervisor& supervisor, ArmId arm, double ms) {
    Decision decision;
    decision.arm = arm;
    decision.policy_version = 7;
    decision.reason = DecisionReason::kVerified;
    supervisor.served({kTemplate, {5, 6}, decision, Millis(ms), Millis(ms), false});
  }
  // Served with 100 ms under the default, then this many runs of 130 ms under the arm.
  static void learn(Supervisor& supervisor, int hinted) {
    for (int i = 0; i < 64; ++i) serve(supervisor, kDefaultArm, 100 + i % 9);
    for (int i = 0; i < hinted; ++i) serve(supervisor, kServedArm, 130);
  }
  // Runs under the arm until it is refused.
  static int runs_to_convict(Supervisor& supervisor) {
    for (int runs = 0;; ++runs) {
      if (!supervisor.allows(kTemplate, kServedArm)) return runs;
      serve(supervisor, kServedArm, 130);
    }
  }
  std::unique_ptr<Supervisor> restarted(const Supervisor& before, std::uint32_t version = 7) {
    EXPECT_TRUE(save_guards(file_, before.state(), kArms));
    auto after = supervisor(version);
    const auto state = load_guards(file_, kArms);
    EXPECT_TRUE(state) << state.error().text();
    if (state) after->restore(*state);
    return after;
  }

  test::ScratchFolder scratch_;
  std::filesystem::path file_ = scratch_.path() / "guards.ckpt";
  SimulatedClock clock_{TimePoint{}};
  Nobody nobody_;
};

TEST_F(GuardFileTest, AConvictedArmStaysRefusedAfterARestart) {
  const auto before = supervisor();
  learn(*before, 0);
  runs_to_convict(*before);
  EXPECT_FALSE(restarted(*before)->allows(kTemplate, kServedArm));
}

TEST_F(GuardFileTest, EvidenceAgainstAnArmGoesOnWhereItStood) {
  const auto without = supervisor();
  learn(*without, 0);
  const int needed = runs_to_convict(*without);
  ASSERT_GT(needed, 1);

  const auto before = supervisor();
  learn(*before, needed - 1);
  ASSERT_TRUE(before->allows(kTemplate, kServedArm));
  EXPECT_EQ(runs_to_convict(*restarted(*before)), 1);
}

TEST_F(GuardFileTest, WhatIsHeldAgainstAPolicyCountsForThatVersionAlone) {
  const auto before = supervisor();
  learn(*before, 1);
  EXPECT_EQ(restarted(*before)->state().policy_watch.runs, 1);
  EXPECT_EQ(restarted(*before)->state().policy_failures.runs, 1);
  EXPECT_EQ(restarted(*before, 8)->state().policy_watch.runs, 0);
  EXPECT_EQ(restarted(*before, 8)->state().policy_failures.runs, 0);
}

TEST_F(GuardFileTest, TheNewestDefaultRunsComeBackWithTheirLiterals) {
  const auto before = supervisor();
  for (int i = 0; i < 300; ++i) serve(*before, kDefaultArm, i + 1);
  const auto runs = restarted(*before)->state().default_runs.at(kTemplate);
  ASSERT_EQ(runs.size(), GuardState::kDefaultRuns);
  EXPECT_EQ(runs.front().latency_ms, 300 - GuardState::kDefaultRuns + 1);
  EXPECT_EQ(runs.back().latency_ms, 300);
  EXPECT_EQ(runs.back().literals, (std::vector<std::uint64_t>{5, 6}));
}

TEST_F(GuardFileTest, OfAnotherCataloguesFileTheDefaultRunsAloneCount) {
  const auto before = supervisor();
  learn(*before, 64);
  ASSERT_TRUE(save_guards(file_, before->state(), kArms));
  const auto state = load_guards(file_, {"default", "no_hashjoin"});
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->scopes.empty());
  EXPECT_TRUE(state->watches.empty());
  EXPECT_EQ(state->default_runs.size(), 1U);
}

TEST_F(GuardFileTest, AFileOfAnotherVersionIsRefused) {
  ASSERT_TRUE(save_guards(file_, supervisor()->state(), kArms));
  const auto saved = *read_file(file_);
  const auto version = saved.find("format ") + 7;
  std::ofstream(file_, std::ios::binary)
      << saved.substr(0, version) << 99 << saved.substr(saved.find(',', version));
  const auto state = load_guards(file_, kArms);
  ASSERT_FALSE(state);
  EXPECT_NE(state.error().text().find("another version"), std::string::npos);
}

TEST_F(GuardFileTest, ADamagedFileIsRefused) {
  const auto before = supervisor();
  learn(*before, 3);
  ASSERT_TRUE(save_guards(file_, before->state(), kArms));
  const auto whole = *read_file(file_);
  for (std::size_t cut : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(file_, std::ios::binary) << whole.substr(0, cut);
    const auto state = load_guards(file_, kArms);
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().kind, ErrorKind::kCorrupt);
  }
  auto changed = whole;
  changed[whole.size() - 10] ^= 1;
  std::ofstream(file_, std::ios::binary) << changed;
  EXPECT_EQ(load_guards(file_, kArms).error().kind, ErrorKind::kCorrupt);
  std::filesystem::remove(file_);
  EXPECT_EQ(load_guards(file_, kArms).error().kind, ErrorKind::kNotFound);
}

TEST_F(GuardFileTest, AVerdictIsToldAtOnce) {
  const auto watched = supervisor();
  int told = 0;
  watched->on_verdict([&] { ++told; });
  learn(*watched, 0);
  EXPECT_EQ(told, 0);
  runs_to_convict(*watched);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace hintd::safety
