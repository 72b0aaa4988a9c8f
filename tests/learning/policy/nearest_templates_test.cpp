#include "learning/policy/nearest_templates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

constexpr int kSets = 3;
constexpr double kUsualCost = 100'000;
constexpr float kRiskBound = 1;

std::size_t index_of(std::string_view name) {
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    if (feature_name(i) == name) return i;
  return kFeatureCount;
}

// A query whose default plan costs `plan_cost`; `kind` moves all other features.
FeatureVector features(double plan_cost = kUsualCost, float kind = 0) {
  FeatureVector result;
  result.fill(kind);
  result[index_of("plan_total_cost")] = static_cast<float>(std::log1p(plan_cost) / 10);
  return result;
}

// A measured statement: the ratio of every arm to the default, 0 for not measured.
StatementEvidence& add(PlanMemory& memory, std::uint64_t fingerprint, std::uint64_t literal,
                       std::vector<double> ratios, float kind = 0) {
  auto& statement = memory.statement(fingerprint, {literal});
  statement.features = features(kUsualCost, kind);
  statement.group_of_arm = {0, 1, 2};
  statement.groups.resize(kSets);
  statement.groups[0].finished_ms = {100};
  for (std::size_t arm = 1; arm < kSets; ++arm)
    if (ratios[arm - 1] > 0) statement.groups[arm].finished_ms = {100 * ratios[arm - 1]};
  return statement;
}

// Three near templates on which arm 1 is faster, and one far away, which gives the features a
// spread.
PlanMemory agreeing_memory() {
  PlanMemory memory;
  for (std::uint64_t fingerprint = 1; fingerprint <= 3; ++fingerprint)
    for (std::uint64_t literal = 0; literal < 2; ++literal)
      add(memory, fingerprint, literal, {0.5, 1.2});
  add(memory, 99, 0, {3, 3}, 10);
  return memory;
}

// A network whose heads each have one opinion of each arm, whatever the state: costs[head][arm-1].
std::shared_ptr<const QSnapshot> network(std::vector<std::vector<float>> costs) {
  const QShape shape{{4}, static_cast<int>(costs.size()), kSets, false};
  std::vector<float> weights(shape.layout().size(), 0);
  const auto layout = shape.layout();
  auto* bias = weights.data() + layout.output().bias();
  for (std::size_t head = 0; head < costs.size(); ++head)
    std::copy(costs[head].begin(), costs[head].end(), bias + head * kSets + 1);
  return std::make_shared<QSnapshot>(shape, std::move(weights),
                                     std::vector<float>(shape.prior_layout().size(), 0));
}

std::shared_ptr<const QSnapshot> agreeing_network() {
  return network({{-0.7F, 0.2F}, {-0.6F, 0.2F}});
}

NearestTemplates advisor(const PlanMemory& memory,
                         std::shared_ptr<const QSnapshot> snapshot = agreeing_network()) {
  return {UnseenConfig{}, kRiskBound, memory, std::move(snapshot)};
}

TEST(NearestTemplatesTest, ExtendsAnArmThatAllNearTemplatesAndTheNetworkAgreeOn) {
  EXPECT_EQ(advisor(agreeing_memory()).advise(features()), 1);
}

TEST(NearestTemplatesTest, KnowsNothingWithoutMeasurements) {
  EXPECT_EQ(advisor(PlanMemory{}).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, TooFewNearTemplatesProveNothing) {
  auto memory = agreeing_memory();
  memory.templates().erase(3);
  EXPECT_EQ(advisor(memory).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, ManyStatementsOfOneTemplateAreOneTemplate) {
  PlanMemory memory;
  for (std::uint64_t literal = 0; literal < 30; ++literal) add(memory, 1, literal, {0.5, 1.2});
  add(memory, 99, 0, {3, 3}, 10);
  EXPECT_EQ(advisor(memory).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, OneSlowerNearTemplateVetoesTheArm) {
  auto memory = agreeing_memory();
  for (std::uint64_t fingerprint = 4; fingerprint <= 8; ++fingerprint)
    add(memory, fingerprint, 0, {fingerprint == 6 ? 1.1 : 0.5, 1.2});
  EXPECT_EQ(advisor(memory).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, OneSlowerStatementMakesItsTemplateVeto) {
  // Of the first and of the last template walked, and before and after its faster statement.
  for (const std::uint64_t fingerprint : {1, 3})
    for (const std::uint64_t literal : {0, 1}) {
      auto memory = agreeing_memory();
      memory.statement(fingerprint, {literal}).groups[1].finished_ms = {110};
      EXPECT_EQ(advisor(memory).advise(features()), kDefaultArm) << fingerprint << " " << literal;
    }
}

TEST(NearestTemplatesTest, ARunThatWasStoppedVetoes) {
  auto memory = agreeing_memory();
  auto& runs = memory.statement(2, {0}).groups[1];
  runs.finished_ms.clear();
  runs.longer_than_ms = 60;
  EXPECT_EQ(advisor(memory).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, AnArmThatMustNotBeServedNearbyVetoes) {
  auto memory = agreeing_memory();
  memory.statement(2, {0}).groups[1].unusable = true;
  EXPECT_EQ(advisor(memory).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, ATemplateThatDidNotMeasureTheArmHasNoVote) {
  auto memory = agreeing_memory();
  add(memory, 4, 0, {0, 1.2});
  EXPECT_EQ(advisor(memory).advise(features()), 1);
}

TEST(NearestTemplatesTest, AStatementWhoseDefaultWasNeverRunHasNoVote) {
  auto memory = agreeing_memory();
  add(memory, 4, 0, {5, 5}).groups[0].finished_ms.clear();
  EXPECT_EQ(advisor(memory).advise(features()), 1);
}

TEST(NearestTemplatesTest, ASlowerTemplateFarAwayDoesNotMatter) {
  auto memory = agreeing_memory();
  add(memory, 98, 0, {4, 4}, 10);
  EXPECT_EQ(advisor(memory).advise(features()), 1);
}

TEST(NearestTemplatesTest, AQueryFarFromEverythingMeasuredIsLeftAlone) {
  EXPECT_EQ(advisor(agreeing_memory()).advise(features(kUsualCost, -10)), kDefaultArm);
}

TEST(NearestTemplatesTest, ACheapDefaultPlanIsLeftAlone) {
  const auto nearest = advisor(agreeing_memory());
  EXPECT_EQ(nearest.advise(features(4'900)), kDefaultArm);
  EXPECT_EQ(nearest.advise(features(5'100)), 1);
}

TEST(NearestTemplatesTest, ANetworkThatExpectsNoGainVetoes) {
  const auto memory = agreeing_memory();
  EXPECT_EQ(advisor(memory, network({{0.1F, -2}, {0.2F, -2}})).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, HeadsThatDisagreeVetoAGainThatTheyExpectOnAverage) {
  const auto memory = agreeing_memory();
  EXPECT_EQ(advisor(memory, network({{-1.2F, 0}, {0.2F, 0}})).advise(features()), kDefaultArm);
}

TEST(NearestTemplatesTest, OfSeveralProvedArmsTheNetworkPicksTheFastest) {
  PlanMemory memory;
  for (std::uint64_t fingerprint = 1; fingerprint <= 3; ++fingerprint)
    add(memory, fingerprint, 0, {0.5, 0.6});
  add(memory, 99, 0, {3, 3}, 10);
  EXPECT_EQ(advisor(memory, network({{-0.5F, -0.9F}})).advise(features()), 2);
  EXPECT_EQ(advisor(memory, network({{-0.9F, -0.5F}})).advise(features()), 1);
}

TEST(NearestTemplatesTest, KeepsWhatItNeedsWhenTheMemoryIsGone) {
  auto memory = std::make_unique<PlanMemory>(agreeing_memory());
  const auto nearest = advisor(*memory);
  memory.reset();
  EXPECT_EQ(nearest.advise(features()), 1);
}

}  // namespace
}  // namespace hintd::learning
