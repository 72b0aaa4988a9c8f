#include "core/confidence_sequence.h"

#include <gtest/gtest.h>

#include "core/rng.h"

namespace hintd {
namespace {

TEST(ConfidenceSequenceTest, KnowsNothingBeforeTheFirstObservation) {
  const ConfidenceSequence sequence(-2, 1, 0.05);
  EXPECT_DOUBLE_EQ(sequence.lower(), -2);
  EXPECT_DOUBLE_EQ(sequence.upper(), 1);
}

TEST(ConfidenceSequenceTest, ClosesInOnTheMean) {
  ConfidenceSequence sequence(-1, 1, 0.05);
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) sequence.add(0.3 + 0.2 * rng.normal());
  EXPECT_NEAR(sequence.mean(), 0.3, 0.03);
  EXPECT_GT(sequence.lower(), 0.25);
  EXPECT_LT(sequence.upper(), 0.35);
}

TEST(ConfidenceSequenceTest, AClearGainIsKnownWithinThirtyObservations) {
  ConfidenceSequence sequence(-2, 1, 0.025);
  int n = 0;
  while (sequence.lower() < 0.02) {
    sequence.add(0.5);
    ASSERT_LT(++n, 30);
  }
}

TEST(ConfidenceSequenceTest, ItsLowerBoundIsSeldomEverAboveTheMean) {
  int wrong = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    ConfidenceSequence sequence(0, 1, 0.05);
    Rng rng(seed);
    bool ever = false;
    for (int i = 0; i < 500 && !ever; ++i) {
      sequence.add(rng.chance(0.3) ? 1 : 0);
      ever = sequence.lower() > 0.3;
    }
    wrong += ever;
  }
  EXPECT_LE(wrong, 400 * 0.05);
}

TEST(ConfidenceSequenceTest, WhatIsOutsideTheRangeCountsAsItsEnd) {
  ConfidenceSequence sequence(0, 1, 0.05);
  for (int i = 0; i < 100; ++i) sequence.add(1e9);
  EXPECT_DOUBLE_EQ(sequence.mean(), 1);
  EXPECT_LE(sequence.upper(), 1);
}

}  // namespace
}  // namespace hintd
