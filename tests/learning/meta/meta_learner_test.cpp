#include "learning/meta/meta_learner.h"
#include "scratch_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>

namespace hintd::learning {
namespace {

// Six templates of sixteen statements; arm 1 halves the even templates, arm 2 hurts all.
PlanMemory memory() {
  PlanMemory memory;
  Rng rng(5);
  for (std::uint64_t t = 1; t <= 6; ++t) {
    for (std::uint64_t s = 0; s < 16; ++s) {
      auto& statement = memory.statement(t, {100 * t + s});
      statement.seen = 1;
      statement.default_shape = t;
      statement.features[0] = static_cast<float>(t % 2);
      statement.group_of_arm = {0, 1, 2};
      statement.groups.resize(3);
      const double usual = 100 + 10 * rng.uniform();
      statement.groups[0].finished_ms = {usual};
      statement.groups[1].finished_ms = {t % 2 == 0 ? usual / 2 : usual * 1.4};
      statement.groups[2].finished_ms = {usual * 3};
    }
  }
  return memory;
}

MetaConfig small() {
  MetaConfig config;
  config.population = 4;
  config.elites = 1;
  config.seeds = 1;
  config.champion_seeds = 3;
  return config;
}

Hyperparameters start() {
  Hyperparameters start;
  start.agent.hidden_sizes = {32};
  return start;
}

class MetaLearnerTest : public testing::Test {
 protected:
  MetaLearner learner(MetaConfig config = small()) {
    return *MetaLearner::create(config, start(), replay_, Rng(1));
  }
  MetaReplay replay_ = *MetaReplay::create(memory(), {"default", "good", "bad"}, 100);
};

TEST_F(MetaLearnerTest, AReplayLearnsWhatTheTableHolds) {
  const auto fitness = replay_.run(start(), 1);
  ASSERT_TRUE(fitness);
  EXPECT_GT(fitness->speed, 0.3);
  EXPECT_EQ(fitness->regressed, 0);
}

TEST_F(MetaLearnerTest, TheSameSeedGivesTheSameFitness) {
  const auto a = replay_.run(start(), 3);
  const auto b = replay_.run(start(), 3);
  EXPECT_EQ(a->speed, b->speed);
  EXPECT_EQ(a->tail, b->tail);
}

TEST_F(MetaLearnerTest, TooLittleToReplayIsSaid) {
  const auto replay = MetaReplay::create(PlanMemory{}, {"default"}, 40);
  EXPECT_EQ(replay.error().kind, ErrorKind::kInvalidInput);
}

TEST_F(MetaLearnerTest, TheBestOfAGenerationIsKept) {
  auto searching = learner();
  const auto first = searching.step();
  const auto second = searching.step();
  ASSERT_TRUE(first && second);
  // CPU time is part of the score and differs from run to run, but the elite is not run again.
  EXPECT_GE(score(second->population.front().fitness), score(first->population.front().fitness));
}

TEST_F(MetaLearnerTest, NothingOfTheFrontIsDominated) {
  auto searching = learner();
  const auto generation = searching.step();
  ASSERT_FALSE(generation->front.empty());
  for (const auto index : generation->front)
    for (const auto& other : generation->population)
      EXPECT_FALSE(other.measured &&
                   dominates(other.fitness, generation->population[index].fitness));
}

TEST_F(MetaLearnerTest, AChampionStaysWhereNothingIsShownToBeBetter) {
  auto searching = learner();
  const auto before = searching.champion();
  ASSERT_TRUE(searching.step());
  const auto challenge = searching.challenge();
  ASSERT_TRUE(challenge);
  if (challenge->lower <= 0)
    EXPECT_EQ(searching.champion(), before);
  else
    EXPECT_NE(searching.champion(), before);
}

TEST_F(MetaLearnerTest, StopsWhenToldToAndGoesOnFromItsCheckpoint) {
  const hintd::test::ScratchFolder scratch;
  const auto file = scratch.path() / "meta.json";
  auto searching = learner();
  int asked = 0;
  const auto cut = searching.step([&] { return ++asked <= 2; });
  ASSERT_TRUE(cut);
  EXPECT_EQ(std::count_if(cut->population.begin(), cut->population.end(),
                          [](const auto& individual) { return individual.measured; }),
            2);
  ASSERT_TRUE(searching.save(file));
  auto resumed = learner();
  ASSERT_TRUE(resumed.load(file));
  EXPECT_EQ(resumed.generation(), searching.generation());
  EXPECT_EQ(resumed.champion(), searching.champion());

  std::fstream(file, std::ios::in | std::ios::out).seekp(60) << "damaged";
  EXPECT_EQ(resumed.load(file).error().kind, ErrorKind::kCorrupt);
}

TEST_F(MetaLearnerTest, ElitesBelowThePopulation) {
  auto config = small();
  config.elites = 4;
  EXPECT_EQ(MetaLearner::create(config, start(), replay_, Rng(1)).error().kind,
            ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace hintd::learning
