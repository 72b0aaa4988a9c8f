#include "config/policy_spec.h"
#include "scratch_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace hintd::config {
namespace {

class PolicySpecTest : public testing::Test {
 protected:
  Result<safety::PolicySpec> load(const std::string& text) {
    const auto file = scratch_.path() / "spec.yaml";
    std::ofstream(file) << text;
    return load_policy_spec(file);
  }
  std::string refusal(const std::string& rules) {
    const auto spec = load("id: shop\nversion: 2\n" + rules);
    EXPECT_FALSE(spec);
    return spec ? "" : spec.error().text();
  }

  test::ScratchFolder scratch_;
};

TEST_F(PolicySpecTest, TheShippedFileReads) {
  const auto spec = load_policy_spec(std::string(HINTD_SOURCE_DIR) + "/config/policy_spec.yaml");
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->id, "default");
  EXPECT_EQ(spec->version, 1);
}

TEST_F(PolicySpecTest, ReadsEveryRule) {
  const auto spec = load(
      "id: shop\nversion: 3\nhint_sets: {allow: [no_nestloop]}\ntemplates: {deny: "
      "[00000000009f3ac1]}\ntables: {deny: [payments]}\nroles: {deny: [admin]}\nmodes: {allow: "
      "[observe, advise]}\nhours: {from: 22, to: 6}\nmax_risk: 0.1\n");
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->version, 3);
  EXPECT_EQ(spec->hint_sets.allow, std::vector<std::string>{"no_nestloop"});
  EXPECT_EQ(spec->templates.deny, std::vector<std::string>{"00000000009f3ac1"});
  EXPECT_EQ(spec->tables.deny, std::vector<std::string>{"payments"});
  EXPECT_EQ(spec->hour_from, 22);
  EXPECT_EQ(spec->hour_to, 6);
  EXPECT_DOUBLE_EQ(spec->max_risk, 0.1);
}

TEST_F(PolicySpecTest, AnUnknownRuleIsNamedWithItsLineAndWhatWasMeant) {
  const auto text = refusal("max_rsk: 0.1\n");
  EXPECT_NE(text.find("spec.yaml:3: 'max_rsk' is no rule; did you mean max_risk?"),
            std::string::npos)
      << text;
}

TEST_F(PolicySpecTest, ContradictionsAreRefused) {
  EXPECT_NE(refusal("hint_sets: {allow: [a], deny: [a]}\n").find("a is both allowed and denied"),
            std::string::npos);
  EXPECT_NE(refusal("hours: {from: 6, to: 6}\n").find("no hour is left"), std::string::npos);
}

TEST_F(PolicySpecTest, ValuesOutOfRangeAreRefused) {
  for (const auto* rule :
       {"max_risk: -1\n", "max_risk: much\n", "hours: {from: 24}\n", "hours: {from: 1, until: 2}\n",
        "modes: {allow: [fly]}\n", "templates: {deny: [9f3ac1]}\n", "tables: {allow: [a]}\n",
        "roles: [a]\n", "hint_sets: {deny: a}\n"})
    EXPECT_NE(refusal(rule).find("spec.yaml:3"), std::string::npos) << rule;
}

TEST_F(PolicySpecTest, AFileWithoutIdOrVersionIsRefused) {
  EXPECT_FALSE(load("version: 1\n"));
  EXPECT_FALSE(load("id: shop\n"));
  EXPECT_FALSE(load("[]\n"));
}

}  // namespace
}  // namespace hintd::config
