#include "core/plan_memory.h"

#include <gtest/gtest.h>

namespace hintd {
namespace {

constexpr std::uint64_t kRemembered = 7;

// Arms 0 and 1 share the default's plan; arms 2 and 3 each have one of their own.
StatementEvidence planned() {
  StatementEvidence statement;
  statement.group_of_arm = {0, 0, 1, 2};
  statement.groups.resize(3);
  return statement;
}

StatementEvidence with_default(double ms) {
  auto statement = planned();
  statement.groups[0].finished_ms = {ms};
  return statement;
}

TEST(PlanRunsTest, TheLatencyIsTheLowerMedian) {
  PlanRuns runs;
  runs.finished_ms = {40};
  EXPECT_DOUBLE_EQ(runs.latency_ms(), 40);
  runs.finished_ms = {40, 10};
  EXPECT_DOUBLE_EQ(runs.latency_ms(), 10);
  runs.finished_ms = {900, 10, 40, 30};
  EXPECT_DOUBLE_EQ(runs.latency_ms(), 30);
}

TEST(PlanRunsTest, AStoppedRunIsATryButNotAMeasurement) {
  PlanRuns runs;
  EXPECT_FALSE(runs.tried());
  runs.longer_than_ms = 50;
  EXPECT_TRUE(runs.tried());
  EXPECT_FALSE(runs.measured());
}

TEST(PlanRunsDeathTest, ThePlanThatNeverFinishedHasNoLatency) {
  EXPECT_DEATH(PlanRuns{}.latency_ms(), "never finished");
}

TEST(StatementEvidenceTest, WithoutADefaultRunNothingHasARatio) {
  EXPECT_EQ(StatementEvidence{}.default_ms(), 0);
  auto statement = planned();
  statement.groups[1].finished_ms = {10};
  statement.groups[2].longer_than_ms = 10;
  EXPECT_EQ(statement.default_ms(), 0);
  EXPECT_FALSE(statement.ratio(1).has_value());
  EXPECT_FALSE(statement.ratio(2).has_value());
  EXPECT_EQ(statement.ratio_bound(3), 0);
}

TEST(StatementEvidenceTest, AnArmWithTheDefaultsPlanHasRatioOne) {
  const auto statement = with_default(100);
  EXPECT_EQ(statement.ratio(kDefaultArm), 1.0);
  EXPECT_EQ(statement.ratio(1), 1.0);
}

TEST(StatementEvidenceTest, SingleRunsGiveTheirRatio) {
  auto statement = with_default(100);
  statement.runs_of(2).finished_ms = {40};
  EXPECT_DOUBLE_EQ(statement.ratio(2).value(), 0.4);
  EXPECT_FALSE(statement.ratio(3).has_value());
}

TEST(StatementEvidenceTest, PairedRunsOutweighSingleOnes) {
  auto statement = with_default(100);
  statement.runs_of(2).finished_ms = {40};
  statement.runs_of(2).paired_ratios = {0.9, 1.2, 0.8};
  EXPECT_DOUBLE_EQ(statement.ratio(2).value(), 0.9);
}

TEST(StatementEvidenceTest, AStoppedRunBoundsTheRatioFromBelow) {
  auto statement = with_default(100);
  statement.runs_of(2).longer_than_ms = 150;
  EXPECT_DOUBLE_EQ(statement.ratio_bound(2), 1.5);
  EXPECT_FALSE(statement.ratio(2).has_value());
  EXPECT_EQ(statement.ratio_bound(3), 0);
}

TEST(StatementEvidenceTest, TheBestIsTheFastestMeasuredArm) {
  auto statement = with_default(100);
  EXPECT_EQ(statement.best(), (std::pair<ArmId, double>{kDefaultArm, 100}));
  statement.runs_of(2).finished_ms = {120};
  EXPECT_EQ(statement.best(), (std::pair<ArmId, double>{kDefaultArm, 100}));
  statement.runs_of(3).finished_ms = {30};
  EXPECT_EQ(statement.best(), (std::pair<ArmId, double>{3, 30}));
  statement.runs_of(3).unusable = true;
  EXPECT_EQ(statement.best(), (std::pair<ArmId, double>{kDefaultArm, 100}));
}

TEST(PlanGroupsTest, ArmsWithOnePlanShareAGroupAndTheDefaultsIsZero) {
  EXPECT_EQ(plan_groups({77, 12, 77, 5, 12}), (std::vector<std::uint16_t>{0, 1, 0, 2, 1}));
  EXPECT_TRUE(plan_groups({}).empty());
}

TEST(PlanMemoryTest, OneStatementHasOneEntryThatStaysInPlace) {
  PlanMemory memory;
  auto& first = memory.statement(kRemembered, {1, 2});
  for (std::uint64_t i = 0; i < 200; ++i) memory.statement(kRemembered, {i, i});
  EXPECT_EQ(&memory.statement(kRemembered, {1, 2}), &first);
  EXPECT_EQ(first.fingerprint, kRemembered);
  EXPECT_EQ(first.literals, (std::vector<std::uint64_t>{1, 2}));
}

TEST(PlanMemoryTest, LiteralsTellStatementsApartByValueAndPlace) {
  PlanMemory memory;
  memory.statement(kRemembered, {1, 2});
  memory.statement(kRemembered, {2, 1});
  memory.statement(kRemembered, {1});
  memory.statement(kRemembered, {});
  memory.statement(kRemembered + 1, {});
  EXPECT_EQ(memory.templates().size(), 2U);
  EXPECT_EQ(memory.templates().at(kRemembered).size(), 4U);
}

TEST(PlanMemoryTest, TheSameContentWalksTheSameWayWhateverCameFirst) {
  PlanMemory forward;
  PlanMemory backward;
  for (std::uint64_t i = 0; i < 50; ++i) forward.statement(i % 5, {i});
  for (std::uint64_t i = 50; i-- > 0;) backward.statement(i % 5, {i});
  const auto walk = [](const PlanMemory& memory) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> order;
    for (const auto& [fingerprint, statements] : memory.templates())
      for (const auto& [id, statement] : statements)
        order.emplace_back(fingerprint, statement.literals.front());
    return order;
  };
  EXPECT_EQ(walk(forward), walk(backward));
  EXPECT_EQ(walk(forward).size(), 50U);
}

}  // namespace
}  // namespace hintd
