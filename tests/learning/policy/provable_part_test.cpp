#include "learning/policy/provable_part.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hintd::learning {
namespace {

constexpr double kWanted = 0.02;
constexpr double kWorst = -1;
constexpr double kAlpha = 0.025;
constexpr Millis kEnough{60'000};

TriedTemplate tried(std::uint64_t fingerprint, double weight, double saving, double took_ms = 100) {
  return {fingerprint, weight, {saving}, Millis(took_ms)};
}

std::set<std::uint64_t> provable(std::vector<TriedTemplate> templates, Millis left = kEnough) {
  return provable_part(std::move(templates), kWanted, kWorst, kAlpha, left);
}

TEST(PairsNeededTest, AreFewerTheMoreIsSaved) {
  const auto needed = [](double saving) {
    return pairs_needed(std::vector{tried(1, 1, saving)}, kWanted, kWorst, kAlpha);
  };
  EXPECT_LT(needed(0.9), needed(0.5));
  EXPECT_LT(needed(0.5), needed(0.1));
  // All but a fortieth of the capital is bet on a saving that never varies.
  const double growth = std::log1p(39.0 / 40 / (kWanted - kWorst) * (0.5 - kWanted));
  EXPECT_NEAR(needed(0.5), std::log(1 / kAlpha) / growth, 1e-9);
}

TEST(PairsNeededTest, AreInfiniteWhereTooLittleIsSaved) {
  EXPECT_TRUE(std::isinf(pairs_needed(std::vector{tried(1, 1, 0.01)}, kWanted, kWorst, kAlpha)));
}

TEST(ProvablePartTest, IsAllWhereAllSaveMuch) {
  EXPECT_EQ(provable({tried(1, 1, 0.6), tried(2, 3, 0.5), tried(3, 1, 0.7)}).size(), 3U);
}

TEST(ProvablePartTest, LeavesOutWhatWouldMakeTheProofTooLong) {
  const std::vector templates{tried(1, 1, 0.7), tried(2, 3, 0.03), tried(3, 3, 0.02)};
  EXPECT_EQ(provable(templates, Millis(5'000)), std::set<std::uint64_t>{1});
}

TEST(ProvablePartTest, IsWhatIsSoonestProvedWhereTheTimeIsTooShortForAny) {
  const std::vector templates{tried(1, 1, 0.7), tried(2, 1, 0.2)};
  EXPECT_EQ(provable(templates, Millis(1)), std::set<std::uint64_t>{1});
}

TEST(ProvablePartTest, PrefersTheTimeSavedToTheShareSaved) {
  // Both together can be proved, and save more than the first alone.
  const std::vector templates{tried(1, 1, 0.9), tried(2, 10, 0.4)};
  EXPECT_EQ(provable(templates), (std::set<std::uint64_t>{1, 2}));
}

TEST(ProvablePartTest, IsNothingWhereNothingIsSaved) {
  EXPECT_TRUE(provable({tried(1, 1, 0.01), tried(2, 1, -0.3)}).empty());
  EXPECT_TRUE(provable({}).empty());
}

}  // namespace
}  // namespace hintd::learning
