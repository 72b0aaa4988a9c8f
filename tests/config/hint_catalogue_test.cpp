#include "config/hint_catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace hintd::config {
namespace {

using ::testing::HasSubstr;

constexpr const char* kShipped = HINTD_SOURCE_DIR "/config/hints.yaml";

HintCatalogue shipped(std::string_view profile) {
  auto catalogue = load_catalogue(kShipped, profile);
  EXPECT_TRUE(catalogue.has_value()) << catalogue.error().text();
  return std::move(*catalogue);
}

std::map<std::string, std::string> settings(const HintSet& set) {
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : set.settings) found[name] = value;
  return found;
}

class HintCatalogueFileTest : public ::testing::Test {
 protected:
  ~HintCatalogueFileTest() override { std::filesystem::remove(file_); }

  std::string refusal(const std::string& yaml, std::string_view profile = "p") {
    std::ofstream(file_) << yaml;
    const auto catalogue = load_catalogue(file_, profile);
    EXPECT_FALSE(catalogue.has_value());
    return catalogue ? "" : catalogue.error().text();
  }

  const std::filesystem::path file_ =
      std::filesystem::path(::testing::TempDir()) /
      ("hintd_hints_" +
       std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + ".yaml");
};

TEST(ShippedHintsTest, EveryProfileBeginsWithThePlannersOwn) {
  for (const auto* profile : {"default", "bao48"}) {
    const auto catalogue = shipped(profile);
    EXPECT_EQ(catalogue[kDefaultArm].name, "default");
    for (const auto& set : catalogue.sets()) EXPECT_FALSE(set.reason.empty()) << set.name;
  }
}

TEST(ShippedHintsTest, TheDefaultProfileIsSmallAndHoldsTheClassicSets) {
  const auto catalogue = shipped("default");
  EXPECT_LE(catalogue.size(), 18U);
  for (const auto* name :
       {"avoid_seqscan", "work_mem_64mb", "work_mem_128mb", "prefer_hashjoin", "prefer_mergejoin",
        "parallel", "aggressive", "no_nestloop", "no_mergejoin", "no_hashjoin", "no_indexscan",
        "hash_indexonly_seq", "join_collapse_1", "no_hashagg"})
    EXPECT_TRUE(catalogue.find(name).has_value()) << name;
}

TEST(ShippedHintsTest, NoTwoSetsOfAProfileAreTheSame) {
  for (const auto* profile : {"default", "bao48"}) {
    std::set<std::map<std::string, std::string>> seen;
    const auto catalogue = shipped(profile);
    for (const auto& set : catalogue.sets())
      EXPECT_TRUE(seen.insert(settings(set)).second) << profile << ": " << set.name;
  }
}

TEST(ShippedHintsTest, ANameMeansTheSameInEveryProfile) {
  const auto bao48 = shipped("bao48");
  const auto catalogue = shipped("default");
  for (const auto& set : catalogue.sets()) {
    const auto arm = bao48.find(set.name);
    if (!arm) continue;
    EXPECT_EQ(settings(set), settings(bao48[*arm])) << set.name;
  }
}

// The 48 sets in their published order: alphabetical by the list of operators left on.
TEST(ShippedHintsTest, Bao48IsEveryCombinationInThePublishedOrder) {
  constexpr std::array kOperators = {"hashjoin",  "indexonlyscan", "indexscan",
                                     "mergejoin", "nestloop",      "seqscan"};
  std::map<std::string, std::map<std::string, std::string>> expected;
  for (unsigned on = 1; on < 63; ++on) {
    std::string names;
    std::map<std::string, std::string> off;
    bool join = false, scan = false;
    for (unsigned i = 0; i < 6; ++i) {
      const std::string name = kOperators[i];
      if ((on >> i & 1U) == 0) {
        off["enable_" + name] = "off";
        continue;
      }
      names += (names.empty() ? "" : ",") + name;
      (name.ends_with("scan") ? scan : join) = true;
    }
    if (join && scan) expected[names] = off;
  }
  ASSERT_EQ(expected.size(), 48U);

  const auto catalogue = shipped("bao48");
  ASSERT_EQ(catalogue.size(), 49U);
  ArmId arm = 1;
  for (const auto& [names, off] : expected) {
    EXPECT_EQ(settings(catalogue[arm]), off) << names << " and " << catalogue[arm].name;
    ++arm;
  }
}

TEST_F(HintCatalogueFileTest, AnUnknownProfileIsNamedWithANearOne) {
  const auto error = load_catalogue(kShipped, "defualt").error();
  EXPECT_EQ(error.kind, ErrorKind::kNotFound);
  EXPECT_THAT(error.text(), HasSubstr("has no profile 'defualt'; did you mean default?"));
  EXPECT_THAT(load_catalogue(kShipped, "zzz").error().text(), HasSubstr("it has default, bao48"));
}

TEST_F(HintCatalogueFileTest, AMissingFileIsNamed) {
  EXPECT_THAT(load_catalogue("/nowhere/hints.yaml", "p").error().text(),
              HasSubstr("/nowhere/hints.yaml cannot be read"));
}

TEST_F(HintCatalogueFileTest, BadYamlIsNamedWithItsLine) {
  EXPECT_THAT(refusal("profiles:\n  p: [\n"), HasSubstr("not YAML"));
  EXPECT_THAT(refusal("profiles:\n  p: [\n"), HasSubstr(file_.string() + ":3"));
}

TEST_F(HintCatalogueFileTest, AFileOfAnotherShapeIsNamed) {
  EXPECT_THAT(refusal(""), HasSubstr("no 'profiles' section"));
  EXPECT_THAT(refusal("- 1"), HasSubstr("no 'profiles' section"));
  EXPECT_THAT(refusal("profiles: {p: 5}"), HasSubstr(":1: profile 'p' is not a list"));
  EXPECT_THAT(refusal("profiles:\n  p:\n    - default\n"),
              HasSubstr(":3: a hint set has no fields"));
}

TEST_F(HintCatalogueFileTest, AnUnknownFieldIsNamed) {
  EXPECT_THAT(refusal("profiles:\n  p:\n    - name: default\n      setings: {a: 1}\n"),
              HasSubstr(":4: 'setings' is no field of a hint set"));
}

TEST_F(HintCatalogueFileTest, SettingsMustBeNamesWithValues) {
  EXPECT_THAT(refusal("profiles: {p: [{name: a, settings: [x]}]}"),
              HasSubstr("settings are not names with values"));
  EXPECT_THAT(refusal("profiles: {p: [{name: a, settings: {x: [1]}}]}"),
              HasSubstr("settings are not names with values"));
  EXPECT_THAT(refusal("profiles: {p: [{name: a, settings: {x: 1, x: 2}}]}"),
              HasSubstr("x is set twice"));
}

TEST_F(HintCatalogueFileTest, WhatTheCatalogueRefusesIsNamedWithTheProfile) {
  EXPECT_THAT(refusal("profiles: {p: [{name: d}, {name: a, settings: {x: 1}}, {name: a, settings: "
                      "{y: 1}}]}"),
              HasSubstr("profile 'p': two hint sets are called 'a'"));
  EXPECT_THAT(refusal("profiles: {p: []}"), HasSubstr("not the planner's own"));
}

}  // namespace
}  // namespace hintd::config
