#include "app/side_by_side.h"

#include <gtest/gtest.h>

#include <string>

namespace hintd::app {
namespace {

// Two sides that take what they are told to, in turn, and write down who ran.
class SideBySideTest : public testing::Test {
 protected:
  Side side(char name, std::vector<double> latencies_ms) {
    return [this, name, latencies_ms, run = std::size_t{0}]() mutable -> Result<Millis> {
      order_ += name;
      return Millis(latencies_ms[run++ % latencies_ms.size()]);
    };
  }
  SideBySide run(int pairs, std::vector<double> plain_ms, std::vector<double> hinted_ms) {
    return run_side_by_side(pairs, side('d', std::move(plain_ms)), side('h', std::move(hinted_ms)),
                            rng_)
        .value();
  }

  std::string order_;
  Rng rng_{1};
};

TEST_F(SideBySideTest, TheSidesBeginInTurn) {
  run(5, {100}, {100});
  EXPECT_EQ(order_, "dhhddhhddh");
}

TEST_F(SideBySideTest, APlainDifferenceNeedsNoMorePairs) {
  const auto sides = run(5, {100, 101, 99}, {50, 51, 49});
  EXPECT_EQ(sides.default_ms.size(), 5U);
  EXPECT_EQ(sides.hinted_ms.size(), 5U);
  EXPECT_LT(sides.ratio.high, kImprovedRatio);
}

TEST_F(SideBySideTest, AFastStatementRunsForFiftyMilliseconds) {
  EXPECT_EQ(run(5, {1}, {1}).default_ms.size(), 25U);
}

TEST_F(SideBySideTest, ADoubtfulOneGetsThriceAsManyPairsAtMost) {
  // The median of the ratios lies on either side of the line.
  EXPECT_EQ(run(5, {100, 100}, {80, 140}).default_ms.size(), 15U);
}

TEST_F(SideBySideTest, ASideThatFailsEndsIt) {
  const auto failing = [] { return Result<Millis>(fail(ErrorKind::kUnavailable, "gone")); };
  const auto sides = run_side_by_side(5, side('d', {100}), failing, rng_);
  ASSERT_FALSE(sides);
  EXPECT_EQ(sides.error().message, "gone");
}

}  // namespace
}  // namespace hintd::app
