#include "learning/meta/genome.h"

#include <gtest/gtest.h>

namespace hintd::learning {
namespace {

TEST(GenomeTest, TheShippedSettingsComeBackAsTheyAre) {
  const Hyperparameters shipped;
  const auto back = decode(encode(shipped), shipped);
  for (const auto& gene : genes())
    EXPECT_NEAR(gene.get(back), gene.get(shipped), 1e-9 + 1e-9 * gene.get(shipped)) << gene.key;
}

TEST(GenomeTest, EveryGenomeIsASettingThatTheAgentTakes) {
  Rng rng(1);
  for (int i = 0; i < 500; ++i) {
    const auto genome = mutated(random_genome(rng), 1, 2, rng);
    for (const double place : genome) {
      EXPECT_GE(place, 0);
      EXPECT_LE(place, 1);
    }
    const auto valid = validate(decode(genome, {}).agent);
    EXPECT_TRUE(valid) << valid.error().text();
  }
}

TEST(GenomeTest, AChildHasEachGeneFromOneOfItsParents) {
  Rng rng(2);
  const auto a = random_genome(rng);
  const auto b = random_genome(rng);
  const auto child = crossed(a, b, rng);
  int from_a = 0;
  for (std::size_t i = 0; i < child.size(); ++i) {
    EXPECT_TRUE(child[i] == a[i] || child[i] == b[i]);
    from_a += child[i] == a[i];
  }
  EXPECT_GT(from_a, 0);
  EXPECT_LT(from_a, static_cast<int>(child.size()));
}

TEST(GenomeTest, WithoutAMutationRateNothingMoves) {
  Rng rng(3);
  const auto genome = random_genome(rng);
  EXPECT_EQ(mutated(genome, 0, 1, rng), genome);
}

}  // namespace
}  // namespace hintd::learning
