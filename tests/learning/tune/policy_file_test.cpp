#include "learning/tune/policy_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "scratch_folder.h"

namespace hintd::learning {
namespace {

TunedPolicy sample() {
  TunedPolicy policy;
  policy.created = "2026-01-02T03:04:05Z";
  policy.measured_on = {"15.4", {{"jit", "off"}}, "abc", "def"};
  policy.hint_sets = {{"no_nestloop", "why", {{"enable_nestloop", "off"}}}};
  TunedStatement one;
  one.name = "q1";
  one.literals = {0xfedcba9876543210ULL};
  one.hint = "no_nestloop";
  one.default_ms = 100;
  one.tuned_ms = 20;
  one.ratio = 0.2;
  one.ratio_interval = {0.1, 0.3};
  one.pairs = 3;
  one.rows = 7;
  policy.templates = {{42, "SELECT $1 'ünïcode'", "", 1, {one}}};
  return policy;
}

HintCatalogue catalogue(std::string value = "off") {
  return *HintCatalogue::create(
      {{"default", "", {}}, {"no_nestloop", "", {{"enable_nestloop", value}}}});
}

class PolicyFileTest : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(file_) << text; }
  hintd::test::ScratchFolder folder_;
  std::filesystem::path file_ = folder_.path() / "policy.json";
};

TEST_F(PolicyFileTest, ComesBackAsItWas) {
  ASSERT_TRUE(save_policy(file_, sample()));
  const auto back = load_policy(file_);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(policy_json(*back), policy_json(sample()));
  EXPECT_EQ(back->templates[0].statements[0].literals,
            sample().templates[0].statements[0].literals);
}

TEST_F(PolicyFileTest, WhatIsNotAPolicyOfThisSchemaIsRefused) {
  EXPECT_EQ(load_policy(folder_.path() / "none.json").error().kind, ErrorKind::kNotFound);
  auto other_schema = policy_json(sample());
  other_schema.replace(other_schema.find("\"schema\": 1"), 11, "\"schema\": 9");
  auto no_hint_set = policy_json(sample());
  no_hint_set.replace(no_hint_set.find("\"hint\": \"no_nestloop\""), 21, "\"hint\": \"elsewhere\"");
  for (const auto& [text, what] :
       {std::pair<std::string, std::string>{"{", "does not read as JSON"},
        {"{}", "another kind of file"},
        {"[]", "does not read as JSON"},
        {other_schema, "its schema is 9, not 1"},
        {no_hint_set, "'elsewhere' is not among hint_sets"}}) {
    write(text);
    const auto loaded = load_policy(file_);
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kCorrupt);
    EXPECT_NE(loaded.error().message.find(what), std::string::npos) << loaded.error().message;
  }
}

TEST_F(PolicyFileTest, AFolderThatCannotBeWrittenIsNamed) {
  const auto saved = save_policy("/proc/nothing/policy.json", sample());
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().kind, ErrorKind::kExhausted);
}

TEST(TunedPolicyTest, AnswersForMeasuredLiteralsAndForTheTemplateOnlyWhereItWasProved) {
  auto policy = sample();
  const auto& literals = policy.templates[0].statements[0].literals;
  ASSERT_NE(policy.hint_for(42, literals), nullptr);
  EXPECT_EQ(policy.hint_for(42, literals)->name, "no_nestloop");
  EXPECT_EQ(policy.hint_for(42, {1}), nullptr);
  EXPECT_EQ(policy.hint_for(43, literals), nullptr);
  policy.templates[0].hint = "no_nestloop";
  EXPECT_NE(policy.hint_for(42, {1}), nullptr);
}

TEST(TunedPolicyTest, EvidenceFromAnotherServerSchemaOrSettingIsStale) {
  const auto then = sample().measured_on;
  EXPECT_EQ(then.stale_reason(then), "");
  auto now = then;
  now.statistics = "other";
  EXPECT_EQ(now.stale_reason(then), "");
  now.schema = "other";
  EXPECT_NE(now.stale_reason(then), "");
  now = then;
  now.server_version = "15.5";
  EXPECT_EQ(now.stale_reason(then), "the server was 15.4 and is 15.5");
  now = then;
  now.settings[0].value = "on";
  EXPECT_NE(now.stale_reason(then), "");
}

TEST(RulesOfTest, ATemplatesHintBecomesItsRule) {
  auto policy = sample();
  policy.templates[0].hint = "no_nestloop";
  const auto rules = rules_of(policy, catalogue());
  ASSERT_TRUE(rules.contains(42));
  EXPECT_EQ(rules.at(42).rest, (RunChoice{1, Millis(0)}));
}

TEST(RulesOfTest, ASingleLiteralsValueBecomesACase) {
  const auto policy = sample();
  const MemoryPolicy memory(1, rules_of(policy, catalogue()));
  const std::vector<std::uint64_t> other = {1};
  EXPECT_EQ(memory.choose({42, policy.templates[0].statements[0].literals, nullptr}).arm, 1);
  EXPECT_EQ(memory.choose({42, other, nullptr}).arm, kDefaultArm);
}

TEST(RulesOfTest, WhatSeveralLiteralsTellApartAndOtherSettingsOfAHintSetAreLeftOut) {
  auto policy = sample();
  EXPECT_TRUE(rules_of(policy, catalogue("on")).empty());
  policy.templates[0].statements[0].literals = {1, 2};
  EXPECT_TRUE(rules_of(policy, catalogue()).empty());
}

}  // namespace
}  // namespace hintd::learning
