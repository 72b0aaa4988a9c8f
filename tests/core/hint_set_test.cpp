#include "core/hint_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hintd {
namespace {

using ::testing::HasSubstr;

HintSet default_set() {
  return {.name = "default", .reason = "the planner's own", .settings = {}};
}

HintSet no_nestloop() {
  return {.name = "no_nestloop", .reason = "", .settings = {{"enable_nestloop", "off"}}};
}

std::string refusal(std::vector<HintSet> sets) {
  const auto catalogue = HintCatalogue::create(std::move(sets));
  EXPECT_FALSE(catalogue.has_value());
  if (catalogue) return "";
  EXPECT_EQ(catalogue.error().kind, ErrorKind::kInvalidInput);
  EXPECT_FALSE(catalogue.error().remedy.empty());
  return catalogue.error().message;
}

TEST(HintSetTest, TheDefaultSetsNothing) {
  EXPECT_EQ(default_set().set_local_sql(), "");
}

TEST(HintSetTest, EverySettingIsLocalToTheTransaction) {
  const HintSet set{
      .name = "two", .reason = "", .settings = {{"jit", "off"}, {"work_mem", "64MB"}}};
  EXPECT_EQ(set.set_local_sql(), "SET LOCAL jit = 'off'; SET LOCAL work_mem = '64MB'; ");
}

TEST(HintSetTest, AQuoteInAValueCannotEndIt) {
  const HintSet set{
      .name = "odd", .reason = "", .settings = {{"work_mem", "1'; DROP TABLE customers; --"}}};
  EXPECT_EQ(set.set_local_sql(), "SET LOCAL work_mem = '1''; DROP TABLE customers; --'; ");
}

TEST(HintSetTest, OnlyMemoryAndJitChangeHowAFinishedPlanRuns) {
  const HintSet set{.name = "mixed",
                    .reason = "",
                    .settings = {{"enable_nestloop", "off"}, {"work_mem", "64MB"}, {"jit", "off"}}};
  EXPECT_EQ(set.execution_settings(), "work_mem=64MB;jit=off;");
  EXPECT_EQ(no_nestloop().execution_settings(), "");
}

TEST(HintCatalogueTest, NumbersArmsInTheOrderGiven) {
  const auto catalogue = HintCatalogue::create({default_set(), no_nestloop()});
  ASSERT_TRUE(catalogue.has_value());
  EXPECT_EQ(catalogue->size(), 2U);
  EXPECT_EQ((*catalogue)[kDefaultArm].name, "default");
  EXPECT_EQ(catalogue->find("no_nestloop"), ArmId{1});
  EXPECT_EQ(catalogue->find("nowhere"), std::nullopt);
}

TEST(HintCatalogueTest, MustBeginWithThePlannersOwn) {
  EXPECT_THAT(refusal({}), HasSubstr("first hint set is not the planner's own"));
  EXPECT_THAT(refusal({no_nestloop(), default_set()}),
              HasSubstr("first hint set is not the planner's own"));
}

TEST(HintCatalogueTest, RefusesTwoSetsOfOneName) {
  EXPECT_THAT(refusal({default_set(), no_nestloop(), no_nestloop()}), HasSubstr("'no_nestloop'"));
}

TEST(HintCatalogueTest, RefusesASecondEmptySet) {
  auto empty = default_set();
  empty.name = "idle";
  EXPECT_THAT(refusal({default_set(), empty}), HasSubstr("'idle' has no settings"));
}

TEST(HintCatalogueTest, RefusesNamesThatAreNoIdentifiers) {
  for (const auto* name : {"", "No Nestloop", "a-b", "a'b", "NO"}) {
    auto set = no_nestloop();
    set.name = name;
    EXPECT_THAT(refusal({default_set(), set}), HasSubstr("unusable name")) << name;
  }
}

TEST(HintCatalogueTest, RefusesSettingsThatAreNoIdentifiers) {
  auto set = no_nestloop();
  set.settings = {{"work_mem = '1MB'; DROP TABLE t; --", "1"}};
  EXPECT_THAT(refusal({default_set(), set}), HasSubstr("names the setting"));
}

TEST(HintCatalogueDeathTest, AnArmOutsideTheCatalogueStopsTheProgram) {
  const auto catalogue = HintCatalogue::create({default_set()});
  ASSERT_TRUE(catalogue.has_value());
  EXPECT_DEATH((void)(*catalogue)[7], "an arm outside the catalogue");
}

}  // namespace
}  // namespace hintd
