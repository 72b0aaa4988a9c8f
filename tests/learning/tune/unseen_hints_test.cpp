#include "learning/tune/unseen_hints.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hintd::learning {
namespace {

FeatureVector at(float place) {
  FeatureVector features{};
  features.fill(place);
  return features;
}

class UnseenHintsTest : public testing::Test {
 protected:
  UnseenHintsTest() {
    policy_.hint_sets = {{"first", "", {{"enable_nestloop", "off"}}},
                         {"second", "", {{"enable_hashjoin", "off"}}}};
    // Far from all: what features differ by is judged by what is there.
    measured(99, 10, {});
  }

  void measured(std::uint64_t fingerprint, float place, std::vector<HintEvidence> hints) {
    policy_.plans.push_back({fingerprint, at(place), std::move(hints)});
  }
  // Three templates near 0, halved by the first hint set.
  void three_halved() {
    for (std::uint64_t fingerprint = 1; fingerprint <= 3; ++fingerprint)
      measured(fingerprint, 0.1F * static_cast<float>(fingerprint),
               {{"first", std::log(0.5), false}});
  }
  std::string advised(float place) const {
    const auto* set = UnseenHints(policy_, config_).advise(at(place));
    return set == nullptr ? "" : set->name;
  }

  TunedPolicy policy_;
  UnseenConfig config_;
};

TEST_F(UnseenHintsTest, AHintThatHelpedEveryNearTemplateIsExtended) {
  three_halved();
  EXPECT_EQ(advised(0), "first");
}

TEST_F(UnseenHintsTest, NothingIsExtendedFarFromWhatWasMeasured) {
  three_halved();
  EXPECT_EQ(advised(10), "");
}

TEST_F(UnseenHintsTest, TwoTemplatesAreTooFewHoweverManyStatementsTheyHave) {
  for (int i = 0; i < 10; ++i) measured(1 + i % 2, 0, {{"first", std::log(0.5), false}});
  EXPECT_EQ(advised(0), "");
}

TEST_F(UnseenHintsTest, OneNearStatementThatWasSlowerForbidsIt) {
  three_halved();
  measured(1, 0, {{"first", std::log(1.1), false}});
  EXPECT_EQ(advised(0), "");
}

TEST_F(UnseenHintsTest, ARunThatWasStoppedCountsAsSlower) {
  three_halved();
  measured(2, 0, {{"first", std::log(0.3), true}});
  EXPECT_EQ(advised(0), "");
}

TEST_F(UnseenHintsTest, AGainWithinTheUncertaintyIsNotExtended) {
  for (std::uint64_t fingerprint = 1; fingerprint <= 3; ++fingerprint)
    measured(fingerprint, 0, {{"first", std::log(0.8), false}});
  EXPECT_EQ(advised(0), "");
}

TEST_F(UnseenHintsTest, OfTwoTheOneWithTheBetterPessimisticBoundIsTaken) {
  three_halved();
  for (std::uint64_t fingerprint = 1; fingerprint <= 3; ++fingerprint)
    measured(fingerprint, 0, {{"second", std::log(0.25), false}});
  EXPECT_EQ(advised(0), "second");
}

}  // namespace
}  // namespace hintd::learning
