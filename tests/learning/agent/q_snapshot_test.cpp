#include "learning/agent/q_snapshot.h"

#include <gtest/gtest.h>

#include "agent_fixture.h"
#include "learning/agent/q_network.h"

namespace hintd::learning {
namespace {

std::vector<Experience> random_experiences(Rng& rng, int n, int arms) {
  std::vector<Experience> experiences;
  for (int i = 0; i < n; ++i) {
    const auto arm = static_cast<ArmId>(rng.below(arms));
    experiences.push_back({{random_state(rng), arm, static_cast<float>(rng.normal()), i % 5 == 0, 1,
                            random_state(rng)},
                           0xffff});
  }
  return experiences;
}

void train(QNetwork& network, const std::vector<Experience>& experiences, int steps) {
  std::vector<const Experience*> batch;
  for (const auto& experience : experiences) batch.push_back(&experience);
  for (int i = 0; i < steps; ++i) network.train(batch);
}

TEST(QSnapshotTest, AnswersWhatTheNetworkAnswers) {
  for (const double discount : {0.0, 0.5}) {
    AgentConfig config;
    config.discount = discount;
    config.hidden_sizes = {128, 96, 33};
    const auto shape = q_shape(config, 7);
    Rng rng(1);
    auto network = *QNetwork::create(shape, config, initial_network(shape, config, rng));
    train(network, random_experiences(rng, 64, 7), 30);

    const auto [weights, prior] = network.function();
    const QSnapshot snapshot(shape, weights, prior);
    std::vector<FeatureVector> states(20);
    for (auto& state : states) {
      for (auto& feature : state) feature = static_cast<float>(rng.uniform(-2, 20));
    }
    const auto expected = network.evaluate(states);
    for (std::size_t i = 0; i < states.size(); ++i) {
      std::vector<float> q(shape.outputs());
      snapshot.evaluate(states[i], q);
      for (std::size_t j = 0; j < q.size(); ++j) {
        EXPECT_NEAR(q[j], expected[i * q.size() + j], 1e-4);
      }
    }
  }
}

TEST(QSnapshotTest, AFreshNetworkBelievesInItsPriorAlone) {
  AgentConfig config;
  config.prior_mean = 0.4;
  config.prior_scale = 0.5;
  config.heads = 16;
  const auto shape = q_shape(config, 41);
  Rng rng(3);
  const auto network = initial_network(shape, config, rng);
  const QSnapshot snapshot(shape, network.weights, network.prior);
  double mean = 0;
  double spread = 0;
  const auto q = snapshot.evaluate(random_state(rng));
  for (ArmId arm = 1; arm < 41; ++arm) {
    mean += q.mean(arm) / 40;
    spread += q.spread(arm) / 40;
  }
  EXPECT_NEAR(mean, 0.4, 0.1);
  EXPECT_NEAR(spread, 0.5, 0.1);
  EXPECT_EQ(q.mean(kDefaultArm), 0);
}

TEST(QSnapshotTest, AHeadLearnsOnlyFromItsBootstrapSample) {
  auto config = small_config();
  config.prior_scale = 0;
  config.prior_mean = 0;
  config.weight_decay = 0;
  const auto shape = q_shape(config, 2);
  Rng rng(4);
  auto network = *QNetwork::create(shape, config, initial_network(shape, config, rng));
  const auto state = random_state(rng);
  train(network, {{{state, 1, -1.0F, false, 1, std::nullopt}, 0b00010}}, 200);
  const auto q = network.evaluate(std::span(&state, 1));
  for (int head = 0; head < config.heads; ++head) {
    EXPECT_NEAR(q[head * 2 + 1], head == 1 ? -1.0 : 0.0, 0.1) << "head " << head;
  }
}

TEST(QValuesTest, TheBoundOfAnArmGrowsWithTheDisagreementOfTheHeads) {
  // Two heads, three arms: the second wins for sure, the third only by one head's word.
  const QValues q({0.0F, -0.5F, -2.0F,  //
                   0.0F, -0.5F, 0.6F},
                  2);
  EXPECT_FLOAT_EQ(q.mean(2), -0.7F);
  EXPECT_FLOAT_EQ(q.spread(2), 1.3F);
  EXPECT_FLOAT_EQ(q.pessimistic(1, 1), -0.5F);
  EXPECT_FLOAT_EQ(q.pessimistic(2, 1), 0.6F);
  const auto allowed = all_arms(3);
  EXPECT_EQ(q.best_of_mean(allowed), 2);
  EXPECT_EQ(q.safest(allowed, 1), 1);
  EXPECT_EQ(q.best_of_head(1, allowed), 1);
}

TEST(QValuesTest, WhatAllArmsShareDoesNotCountAgainstAnArm) {
  const QValues q({3.0F, 2.5F, -4.0F, -4.5F}, 2);
  EXPECT_FLOAT_EQ(q.pessimistic(1, 2), -0.5F);
  EXPECT_FLOAT_EQ(q.pessimistic(kDefaultArm, 2), 0);
}

}  // namespace
}  // namespace hintd::learning
