#include "core/optimizer.h"

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <thread>

namespace hintd {
namespace {

constexpr std::uint64_t kTemplate = 7;
constexpr DecisionRequest kRequest{kTemplate, {}, nullptr};

// Allows every arm but one.
class GuardAgainst final : public Guard {
 public:
  explicit GuardAgainst(ArmId refused = kDefaultArm) : refused_(refused) {}
  bool allows(std::uint64_t, ArmId arm) const noexcept override { return arm != refused_; }

 private:
  ArmId refused_;
};

// Answers one arm for everything.
class OneArmPolicy final : public Policy {
 public:
  OneArmPolicy(std::uint32_t version, ArmId arm) : version_(version), arm_(arm) {}
  Decision choose(const DecisionRequest&) const noexcept override {
    Decision decision;
    decision.arm = arm_;
    decision.reason = DecisionReason::kVerified;
    decision.policy_version = version_;
    return decision;
  }
  std::uint32_t version() const noexcept override { return version_; }

 private:
  std::uint32_t version_;
  ArmId arm_;
};

std::shared_ptr<const Policy> policy_for(std::uint32_t version, ArmId arm) {
  return std::make_shared<OneArmPolicy>(version, arm);
}

TEST(OptimizerTest, BeforeTheFirstPolicyNothingIsKnown) {
  const GuardAgainst guard;
  const Optimizer optimizer(Mode::kSteer, guard);
  const auto decision = Optimizer::Reader(optimizer).decide(kRequest);
  EXPECT_EQ(optimizer.policy(), nullptr);
  EXPECT_EQ(decision.arm, kDefaultArm);
  EXPECT_EQ(decision.reason, DecisionReason::kUnknownTemplate);
}

TEST(OptimizerTest, SteeringAppliesThePolicysArm) {
  const GuardAgainst guard;
  Optimizer optimizer(Mode::kSteer, guard);
  optimizer.publish(policy_for(5, 2));
  const auto decision = Optimizer::Reader(optimizer).decide(kRequest);
  EXPECT_EQ(decision.arm, 2);
  EXPECT_EQ(decision.reason, DecisionReason::kVerified);
  EXPECT_EQ(decision.policy_version, 5U);
}

TEST(OptimizerTest, ObservingAndAdvisingChangeNothing) {
  const GuardAgainst guard;
  for (const auto mode : {Mode::kObserve, Mode::kAdvise}) {
    Optimizer optimizer(mode, guard);
    optimizer.publish(policy_for(1, 2));
    const auto decision = Optimizer::Reader(optimizer).decide(kRequest);
    EXPECT_EQ(decision.arm, kDefaultArm);
    EXPECT_EQ(decision.reason, DecisionReason::kObserving);
  }
}

TEST(OptimizerTest, AReaderFollowsAChangeOfMode) {
  const GuardAgainst guard;
  Optimizer optimizer(Mode::kSteer, guard);
  optimizer.publish(policy_for(1, 2));
  Optimizer::Reader reader(optimizer);
  EXPECT_EQ(reader.decide(kRequest).arm, 2);
  optimizer.set_mode(Mode::kObserve);
  EXPECT_EQ(reader.decide(kRequest).arm, kDefaultArm);
  optimizer.set_mode(Mode::kSteer);
  EXPECT_EQ(reader.decide(kRequest).arm, 2);
}

TEST(OptimizerTest, TheGuardTurnsARefusedArmIntoTheDefault) {
  const GuardAgainst guard(2);
  Optimizer optimizer(Mode::kSteer, guard);
  optimizer.publish(policy_for(5, 2));
  const auto decision = Optimizer::Reader(optimizer).decide(kRequest);
  EXPECT_EQ(decision.arm, kDefaultArm);
  EXPECT_EQ(decision.reason, DecisionReason::kGuarded);
  EXPECT_EQ(decision.policy_version, 5U);
}

TEST(OptimizerTest, TheGuardIsNotAskedAboutTheDefault) {
  const GuardAgainst guard(kDefaultArm);
  Optimizer optimizer(Mode::kSteer, guard);
  optimizer.publish(policy_for(1, kDefaultArm));
  EXPECT_EQ(Optimizer::Reader(optimizer).decide(kRequest).reason, DecisionReason::kVerified);
}

TEST(OptimizerTest, AReaderSeesWhatIsPublishedAfterItsFirstDecision) {
  const GuardAgainst guard;
  Optimizer optimizer(Mode::kSteer, guard);
  optimizer.publish(policy_for(1, 2));
  Optimizer::Reader reader(optimizer);
  EXPECT_EQ(reader.decide(kRequest).policy_version, 1U);
  optimizer.publish(policy_for(2, 3));
  EXPECT_EQ(reader.decide(kRequest).policy_version, 2U);
  EXPECT_EQ(optimizer.policy()->version(), 2U);
}

TEST(OptimizerTest, AReplacedPolicyLivesUntilItsLastReaderHasMovedOn) {
  const GuardAgainst guard;
  Optimizer optimizer(Mode::kSteer, guard);
  auto old_policy = policy_for(1, 2);
  const std::weak_ptr<const Policy> watch = old_policy;
  optimizer.publish(std::move(old_policy));
  Optimizer::Reader reader(optimizer);
  reader.decide(kRequest);
  optimizer.publish(policy_for(2, 3));
  EXPECT_FALSE(watch.expired());
  reader.decide(kRequest);
  EXPECT_TRUE(watch.expired());
}

TEST(OptimizerTest, ReadersSeeWholePoliciesInOrderWhileAnotherThreadPublishes) {
  constexpr std::uint32_t kLast = 2000;
  constexpr int kReaders = 3;
  const GuardAgainst guard;
  Optimizer optimizer(Mode::kSteer, guard);
  std::array<bool, kReaders> consistent{};
  std::barrier start(kReaders + 1);
  std::vector<std::jthread> readers;
  for (int i = 0; i < kReaders; ++i)
    readers.emplace_back([&, i] {
      Optimizer::Reader reader(optimizer);
      start.arrive_and_wait();
      bool good = true;
      std::uint32_t seen = 0;
      while (seen < kLast && good) {
        const auto decision = reader.decide(kRequest);
        // Version v of this test answers arm v: anything else is a mix of two policies.
        good = decision.arm == decision.policy_version && decision.policy_version >= seen;
        seen = decision.policy_version;
      }
      consistent[static_cast<std::size_t>(i)] = good;
    });
  start.arrive_and_wait();
  for (std::uint32_t version = 1; version <= kLast; ++version)
    optimizer.publish(policy_for(version, static_cast<ArmId>(version)));
  readers.clear();
  for (const bool good : consistent) EXPECT_TRUE(good);
}

}  // namespace
}  // namespace hintd
