#include "learning/agent/dqn_agent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "agent_fixture.h"

namespace hintd::learning {
namespace {

// Feature 0 tells which of arms 1 and 2 halves the time; the other doubles it, and arm 3 always
// does. A third of the queries has nothing to win.
double cost_in(const FeatureVector& state, ArmId arm) {
  if (arm == kDefaultArm) return 0;
  const double kind = state[0];
  if (kind < 1) return 0.7;
  const ArmId good = kind < 2 ? 1 : 2;
  return arm == good ? -0.7 : 0.7;
}

FeatureVector draw_query(Rng& rng) {
  auto state = random_state(rng);
  state[0] = static_cast<float>(rng.below(3));
  return state;
}

std::uint64_t template_of(const FeatureVector& state) {
  return static_cast<std::uint64_t>(state[0]);
}

// One query after another, with 10 % noise in what it costs.
std::vector<ArmId> play(DqnAgent& agent, Rng& world, int queries) {
  std::vector<ArmId> played;
  const auto allowed = all_arms(kArms);
  for (int i = 0; i < queries; ++i) {
    const auto state = draw_query(world);
    const ArmId arm = agent.choose(state, allowed).arm;
    const double cost = cost_in(state, arm) + 0.1 * world.normal();
    agent.observe({state, arm, static_cast<float>(cost), false, template_of(state), std::nullopt});
    agent.train();
    played.push_back(arm);
  }
  return played;
}

// Mean cost above the best arm's over fresh queries, of the arms relied on.
double regret_of(const DqnAgent& agent, Rng& world, int queries) {
  double regret = 0;
  const auto allowed = all_arms(kArms);
  for (int i = 0; i < queries; ++i) {
    const auto state = draw_query(world);
    const double best = state[0] < 1 ? 0 : -0.7;
    regret += cost_in(state, agent.recommend(state, allowed).arm) - best;
  }
  return regret / queries;
}

TEST(DqnAgentTest, LearnsWhichArmSuitsWhichQuery) {
  double mean_regret = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    auto agent = make_agent(small_config(), kArms, seed);
    Rng world(seed + 100);
    play(agent, world, 1500);
    const double regret = regret_of(agent, world, 200);
    EXPECT_LT(regret, 0.05) << "seed " << seed;
    mean_regret += regret / 3;
  }
  // Always the default: 0.47; arms at random: 0.58.
  EXPECT_LT(mean_regret, 0.02);
}

TEST(DqnAgentTest, BeforeAnyEvidenceItReliesOnTheDefault) {
  const auto agent = make_agent(small_config(), kArms, 1);
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(agent.recommend(random_state(rng), all_arms(kArms)).arm, kDefaultArm);
  }
}

TEST(DqnAgentTest, TheDefaultCostsExactlyNothingBeforeAndAfterTraining) {
  auto agent = make_agent(small_config(), kArms, 1);
  Rng world(2);
  const auto state = draw_query(world);
  const auto expect_zero = [&] {
    const auto q = agent.snapshot()->evaluate(state);
    for (int head = 0; head < q.heads(); ++head) EXPECT_EQ(q.at(head, kDefaultArm), 0.0F);
  };
  expect_zero();
  play(agent, world, 50);
  expect_zero();
}

TEST(DqnAgentTest, PicksOnlyFromWhatIsAllowed) {
  auto agent = make_agent(small_config(), kArms, 1);
  Rng rng(3);
  const std::vector<ArmId> allowed = {2, 3};
  for (int i = 0; i < 100; ++i) {
    const auto state = random_state(rng);
    EXPECT_GE(agent.choose(state, allowed).arm, 2);
    EXPECT_GE(agent.recommend(state, allowed).arm, 2);
  }
}

TEST(DqnAgentTest, SameSeedSameActions) {
  std::vector<std::vector<ArmId>> runs;
  for (const std::uint64_t seed : {7, 7, 8}) {
    auto agent = make_agent(small_config(), kArms, seed);
    Rng world(5);
    runs.push_back(play(agent, world, 150));
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
}

TEST(DqnAgentTest, TheThreadThatTrainsDoesNotMatter) {
  std::vector<std::vector<ArmId>> runs;
  for (const bool elsewhere : {false, true}) {
    auto agent = make_agent(small_config(), kArms, 7);
    Rng world(5);
    const auto run = [&] { runs.push_back(play(agent, world, 60)); };
    elsewhere ? std::thread(run).join() : run();
  }
  EXPECT_EQ(runs[0], runs[1]);
}

TEST(DqnAgentTest, TwoAgentsInOneProcessDoNotDisturbEachOther) {
  auto alone = make_agent(small_config(), kArms, 7);
  Rng world(5);
  const auto expected = play(alone, world, 60);

  auto first = make_agent(small_config(), kArms, 7);
  auto second = make_agent(small_config(), kArms, 9);
  Rng first_world(5);
  Rng second_world(6);
  std::vector<ArmId> played;
  for (int i = 0; i < 60; ++i) {
    played.push_back(play(first, first_world, 1).front());
    play(second, second_world, 1);
  }
  EXPECT_EQ(played, expected);
}

TEST(DqnAgentTest, PropensitiesAreTheFrequenciesOfChoices) {
  for (const auto exploration : {Exploration::kThompson, Exploration::kGreedy}) {
    auto config = small_config();
    config.exploration = exploration;
    config.prior_mean = 0;
    config.epsilon_start = config.epsilon_end = 0.3;
    auto agent = make_agent(config, kArms, 11);
    Rng rng(4);
    const auto state = random_state(rng);
    constexpr int kDraws = 4000;
    std::vector<double> frequency(kArms);
    std::vector<double> propensity(kArms);
    for (int i = 0; i < kDraws; ++i) {
      const auto choice = agent.choose(state, all_arms(kArms));
      frequency[choice.arm] += 1.0 / kDraws;
      propensity[choice.arm] = choice.propensity;
    }
    double total = 0;
    for (int arm = 0; arm < kArms; ++arm) {
      EXPECT_NEAR(propensity[arm], frequency[arm], 0.03) << "arm " << arm;
      total += propensity[arm];
    }
    EXPECT_NEAR(total, 1, 1e-5);
  }
}

TEST(DqnAgentTest, ACensoredRunTeachesThatTheCostLiesAboveItsBound) {
  auto config = small_config();
  config.prior_mean = -1;
  auto agent = make_agent(config, 3, 1);
  Rng rng(6);
  const auto state = random_state(rng);
  // Arm 1 was stopped at 1.0, far above what the agent thinks; arm 2 at -3.0, far below it.
  const auto before = agent.snapshot()->evaluate(state).mean(2);
  learn(agent, {{state, 1, 1.0F, true, 1, std::nullopt}, {state, 2, -3.0F, true, 1, std::nullopt}},
        400);
  const auto q = agent.snapshot()->evaluate(state);
  EXPECT_GT(q.mean(1), 0.9);
  EXPECT_GT(q.mean(2), -2.0) << "the bound says nothing against " << before;
}

TEST(DqnAgentTest, AnExactRunAboveACensoredBoundIsNotPulledDownByIt) {
  auto agent = make_agent(small_config(), 2, 1);
  Rng rng(6);
  const auto state = random_state(rng);
  learn(agent, {{state, 1, 0.2F, true, 1, std::nullopt}, {state, 1, 1.5F, false, 1, std::nullopt}},
        400);
  EXPECT_NEAR(agent.snapshot()->evaluate(state).mean(1), 1.5, 0.15);
}

TEST(DqnAgentTest, HeadsAgreeWhereThereIsDataAndDifferWhereThereIsNone) {
  auto agent = make_agent(small_config(), 3, 1);
  Rng rng(8);
  const auto state = random_state(rng);
  learn(agent, {{state, 1, 0.5F, false, 1, std::nullopt}}, 300);
  const auto q = agent.snapshot()->evaluate(state);
  EXPECT_LT(q.spread(1), 0.1);
  EXPECT_GT(q.spread(2), 3 * q.spread(1));
}

// Two queries in turn: in the first, arm 1 costs a little more but leads to a second one where
// something can be won; arm 2 costs a little less and ends the episode.
TEST(DqnAgentTest, WithADiscountItPaysNowForWhatFollows) {
  FeatureVector first{};
  FeatureVector second{};
  first[0] = 1;
  second[1] = 1;
  const std::vector<Transition> chain = {
      {first, 0, 0.0F, false, 1, std::nullopt},   {first, 1, 0.2F, false, 1, second},
      {first, 2, -0.1F, false, 1, std::nullopt},  {second, 0, 0.0F, false, 2, std::nullopt},
      {second, 1, -1.0F, false, 2, std::nullopt}, {second, 2, 0.5F, false, 2, std::nullopt}};
  for (const double discount : {0.0, 0.9}) {
    auto config = small_config();
    config.discount = discount;
    config.target_update_steps = 50;
    config.train_steps_per_observation = 2;
    auto agent = make_agent(config, 3, 1);
    learn(agent, chain, 600);
    const auto q = agent.snapshot()->evaluate(first);
    EXPECT_NEAR(q.mean(1), 0.2 - discount, 0.1);
    EXPECT_NEAR(q.mean(2), -0.1, 0.1);
    EXPECT_EQ(agent.recommend(first, all_arms(3)).arm, discount > 0 ? 1 : 2);
  }
}

TEST(DqnAgentTest, EpsilonFallsLinearlyToItsEnd) {
  auto config = small_config();
  config.epsilon_start = 0.5;
  config.epsilon_end = 0.1;
  config.epsilon_decay_steps = 4;
  auto agent = make_agent(config, 2, 1);
  std::vector<double> seen;
  for (int i = 0; i < 6; ++i) {
    seen.push_back(agent.epsilon());
    agent.observe({});
  }
  const std::vector<double> expected = {0.5, 0.4, 0.3, 0.2, 0.1, 0.1};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(seen[i], expected[i], 1e-9);
}

TEST(DqnAgentTest, TrainingWithoutDataDoesNothing) {
  auto agent = make_agent(small_config(), 2, 1);
  agent.observe({});
  const auto summary = agent.train();
  EXPECT_EQ(summary.step, 0);
  EXPECT_EQ(summary.replay_size, 0);
}

TEST(DqnAgentTest, ASummaryTellsOfFallingLossAndSteps) {
  auto config = small_config();
  config.train_steps_per_observation = 3;
  auto agent = make_agent(config, 2, 1);
  Rng rng(1);
  const std::vector<Transition> one = {{random_state(rng), 1, -1.0F, false, 1, std::nullopt}};
  learn(agent, one, 1);
  const auto early = agent.train();
  learn(agent, one, 200);
  const auto late = agent.train();
  EXPECT_EQ(early.step, 6);
  EXPECT_EQ(late.step, 609);
  EXPECT_EQ(late.replay_size, 201);
  EXPECT_GT(early.q_spread, 0);
  EXPECT_LT(late.loss, early.loss / 10);
}

TEST(DqnAgentTest, RefusesArmsWithoutNamesOfTheirOwn) {
  for (const auto& names : {std::vector<std::string>{}, {"default", "a", "a"}}) {
    const auto agent = DqnAgent::create(small_config(), names, Rng(1));
    ASSERT_FALSE(agent);
    EXPECT_EQ(agent.error().kind, ErrorKind::kInvalidInput);
  }
}

TEST(DqnAgentTest, RefusesASettingOutOfRangeByItsName) {
  auto config = small_config();
  config.heads = 0;
  const auto agent = DqnAgent::create(config, arm_names(2), Rng(1));
  ASSERT_FALSE(agent);
  EXPECT_EQ(agent.error().text(), "learning.agent.heads is 0; set it to 1..16");
}

}  // namespace
}  // namespace hintd::learning
