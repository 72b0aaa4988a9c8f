#include "core/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <set>

namespace hintd {
namespace {

// Pearson's statistic: sum of (seen - expected)^2 / expected.
double chi_square(std::span<const int> seen, std::span<const double> probabilities) {
  const double n = std::accumulate(seen.begin(), seen.end(), 0);
  double sum = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double expected = n * probabilities[i];
    sum += (seen[i] - expected) * (seen[i] - expected) / expected;
  }
  return sum;
}

// The 99.99 % point with 9 degrees of freedom. Seeds are fixed: a pass stays a pass.
constexpr double kLimit9 = 33.7;

TEST(RngTest, GivesTheSameNumbersOnEveryMachine) {
  // splitmix64 of seed 42 into xoshiro256**, computed apart from this code.
  Rng rng(42);
  EXPECT_EQ(rng.next(), 1546998764402558742ULL);
  EXPECT_EQ(rng.next(), 6990951692964543102ULL);
  EXPECT_EQ(rng.next(), 12544586762248559009ULL);
}

TEST(RngTest, UniformLiesInItsInterval) {
  Rng rng(1);
  for (int i = 0; i < 10000; ++i) {
    const double x = rng.uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    const double y = rng.uniform(-3, 5);
    ASSERT_GE(y, -3.0);
    ASSERT_LT(y, 5.0);
  }
}

TEST(RngTest, BelowIsUniform) {
  Rng rng(2);
  std::array<int, 10> seen{};
  for (int i = 0; i < 100000; ++i) ++seen[rng.below(10)];
  std::array<double, 10> probabilities;
  probabilities.fill(0.1);
  EXPECT_LT(chi_square(seen, probabilities), kLimit9);
}

TEST(RngTest, BelowIsUniformWhereAModuloWouldNotBe) {
  // With n = 3 * 2^62 a modulo would give the lowest third twice as often.
  Rng rng(3);
  const std::uint64_t n = 3ULL << 62;
  std::array<int, 3> seen{};
  for (int i = 0; i < 30000; ++i) ++seen[rng.below(n) >> 62];
  const std::array<double, 3> probabilities = {1 / 3.0, 1 / 3.0, 1 / 3.0};
  EXPECT_LT(chi_square(seen, probabilities), 18.4);  // 99.99 %, 2 degrees
}

TEST(RngTest, BetweenReachesBothEnds) {
  Rng rng(4);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
}

TEST(RngTest, BetweenSpansTheWholeType) {
  Rng rng(5);
  const auto low = std::numeric_limits<std::int64_t>::min();
  const auto high = std::numeric_limits<std::int64_t>::max();
  int negative = 0;
  for (int i = 0; i < 1000; ++i) negative += rng.between(low, high) < 0;
  EXPECT_NEAR(negative, 500, 80);
}

TEST(RngTest, ChanceHoldsItsProbability) {
  Rng rng(6);
  int hits = 0;
  for (int i = 0; i < 100000; ++i) hits += rng.chance(0.3);
  EXPECT_NEAR(hits, 30000, 5 * std::sqrt(100000 * 0.3 * 0.7));
  EXPECT_FALSE(rng.chance(0));
  EXPECT_TRUE(rng.chance(1));
}

TEST(RngTest, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(7);
  constexpr int kDraws = 100000;
  double sum = 0, squares = 0;
  int within_one = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    within_one += std::abs(x) < 1;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
  EXPECT_NEAR(within_one / double{kDraws}, 0.6827, 0.01);
}

TEST(RngTest, WeightedFollowsItsWeights) {
  Rng rng(8);
  const std::array<double, 4> weights = {1, 0, 3, 4};
  std::array<int, 4> seen{};
  for (int i = 0; i < 80000; ++i) ++seen[rng.weighted(weights)];
  EXPECT_EQ(seen[1], 0);
  const std::array<int, 3> nonzero = {seen[0], seen[2], seen[3]};
  const std::array<double, 3> probabilities = {1 / 8.0, 3 / 8.0, 4 / 8.0};
  EXPECT_LT(chi_square(nonzero, probabilities), 18.4);
}

TEST(RngTest, ShuffleIsAPermutationAndEveryPlaceIsLikely) {
  Rng rng(9);
  std::array<int, 10> first{};
  for (int i = 0; i < 10000; ++i) {
    std::vector<int> items(10);
    std::iota(items.begin(), items.end(), 0);
    rng.shuffle(items);
    ++first[static_cast<std::size_t>(items[0])];
    ASSERT_EQ(std::set<int>(items.begin(), items.end()).size(), 10U);
  }
  std::array<double, 10> probabilities;
  probabilities.fill(0.1);
  EXPECT_LT(chi_square(first, probabilities), kLimit9);
}

TEST(RngSplitTest, DependsOnSeedAndNameAlone) {
  Rng fresh(10), used(10);
  for (int i = 0; i < 100; ++i) used.next();
  EXPECT_EQ(fresh.split("data").next(), used.split("data").next());
  EXPECT_NE(fresh.split("data").next(), fresh.split("queries").next());
  EXPECT_NE(fresh.split("data").next(), Rng(11).split("data").next());
}

TEST(RngDeathTest, ADrawFromNothingStopsTheProgram) {
  Rng rng(12);
  const std::array<double, 2> none = {0, 0};
  EXPECT_DEATH(rng.below(0), "a draw from nothing");
  EXPECT_DEATH(rng.weighted(none), "all weights are zero");
}

TEST(ZipfDistributionTest, ProbabilitiesFallAsThePowerOfTheRank) {
  const ZipfDistribution zipf(1000, 1.2);
  double total = 0;
  for (std::size_t i = 0; i < zipf.size(); ++i) total += zipf.probability(i);
  EXPECT_NEAR(total, 1, 1e-9);
  EXPECT_NEAR(zipf.probability(0) / zipf.probability(1), std::pow(2.0, 1.2), 1e-9);
  EXPECT_NEAR(zipf.probability(9) / zipf.probability(99), std::pow(10.0, 1.2), 1e-9);
}

TEST(ZipfDistributionTest, DrawsFollowTheProbabilities) {
  const ZipfDistribution zipf(10, 1.0);
  Rng rng(13);
  std::array<int, 10> seen{};
  std::array<double, 10> probabilities;
  for (int i = 0; i < 100000; ++i) ++seen[zipf.draw(rng)];
  for (std::size_t i = 0; i < 10; ++i) probabilities[i] = zipf.probability(i);
  EXPECT_LT(chi_square(seen, probabilities), kLimit9);
}

TEST(StableHashTest, IsFnv1a) {
  EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(stable_hash("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(stable_hash("foobar"), 0x85944171f73967e8ULL);
}

TEST(StableHashTest, CombiningDependsOnTheOrder) {
  EXPECT_NE(hash_combine(hash_combine(0, 1), 2), hash_combine(hash_combine(0, 2), 1));
}

}  // namespace
}  // namespace hintd
