#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "config/settings_table.h"

namespace hintd::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string contents(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

// A file in the test's own folder, gone with it.
class SettingsTest : public ::testing::Test {
 protected:
  ~SettingsTest() override { std::filesystem::remove(file_); }

  Result<Settings> load(const std::string& yaml, const Environment& variables = {}) {
    std::ofstream(file_) << yaml;
    return load_settings(file_, variables);
  }

  // The lines of what load() refuses, without the file's name.
  std::vector<std::string> problems(const std::string& yaml, const Environment& variables = {}) {
    const auto loaded = load(yaml, variables);
    EXPECT_FALSE(loaded.has_value());
    if (loaded) return {};
    std::vector<std::string> lines;
    std::istringstream text(loaded.error().text());
    for (std::string line; std::getline(text, line);) {
      const auto name = file_.string() + ":";
      lines.push_back(line.starts_with(name) ? line.substr(name.size()) : line);
    }
    return lines;
  }

  const std::filesystem::path file_ =
      std::filesystem::path(::testing::TempDir()) /
      ("hintd_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
       ".yaml");
};

TEST_F(SettingsTest, AnEmptyFileGivesTheDefaults) {
  const auto loaded = load("# nothing\n");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(to_yaml(*loaded), to_yaml(Settings{}));
}

TEST_F(SettingsTest, TheShippedFileHoldsEverySettingAtItsDefault) {
  const std::filesystem::path shipped = HINTD_SOURCE_DIR "/config/hintd.yaml";
  EXPECT_EQ(contents(shipped), to_yaml(Settings{}))
      << "write it anew: build/release/hintd config show > config/hintd.yaml";
  EXPECT_TRUE(load_settings(shipped, {}).has_value());
}

TEST_F(SettingsTest, WhatTheFileSaysHolds) {
  const auto loaded = load(
      "learning:\n  agent: {learning_rate: 0.01, hidden_sizes: [64, 32], exploration: greedy}\n"
      "telemetry:\n  path: /tmp/t.sqlite\n  flush_interval_ms: 50\nlog: {level: error}\n");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(loaded->agent.learning_rate, 0.01);
  EXPECT_EQ(loaded->agent.hidden_sizes, (std::vector{64, 32}));
  EXPECT_EQ(loaded->agent.exploration, learning::Exploration::kGreedy);
  EXPECT_EQ(loaded->telemetry.path, "/tmp/t.sqlite");
  EXPECT_EQ(loaded->telemetry.flush_interval, std::chrono::milliseconds(50));
  EXPECT_EQ(loaded->log_level, LogLevel::kError);
}

TEST_F(SettingsTest, TheEnvironmentOverridesTheFile) {
  const auto loaded =
      load("learning: {agent: {heads: 5}}", {{"HINTD_LEARNING_AGENT_HEADS", "7"},
                                             {"HINTD_LEARNING_AGENT_HIDDEN_SIZES", "[16]"},
                                             {"HINTD_TELEMETRY_PATH", "odd: [name]"}});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(loaded->agent.heads, 7);
  EXPECT_EQ(loaded->agent.hidden_sizes, std::vector{16});
  EXPECT_EQ(loaded->telemetry.path, "odd: [name]");
}

TEST_F(SettingsTest, TheCommandLineOverridesTheEnvironment) {
  const Environment variables = {{"HINTD_LEARNING_AGENT_HEADS", "7"}};
  std::ofstream(file_) << "log: {level: error}";
  const auto loaded = load_settings(file_, variables, {{"learning.agent.heads", "9"}});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(loaded->agent.heads, 9);
  EXPECT_EQ(loaded->log_level, LogLevel::kError);

  const auto refused = settings_from(variables, {{"learning.agent.heads", "none"}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().text(),
            "command line: learning.agent.heads is 'none'; set it to a whole number from 1 to 16");
}

TEST_F(SettingsTest, EveryProblemIsNamedAtOnceWithItsLine) {
  EXPECT_THAT(
      problems("log:\n  level: loud\nlearning:\n  agent:\n    heads: 99\n    haeds: 3\n"
               "    learning_rate: fast\n",
               {{"HINTD_TELEMETRY_BATCH_SIZE", "0"}}),
      ::testing::ElementsAre(
          "2: log.level is 'loud'; set it to one of debug, info, warning, error",
          "5: learning.agent.heads is '99'; set it to a whole number from 1 to 16",
          "6: learning.agent.haeds is no setting; did you mean learning.agent.heads?",
          "7: learning.agent.learning_rate is 'fast'; set it to a number from 0.000001 to 1",
          "environment: HINTD_TELEMETRY_BATCH_SIZE is '0'; set it to a whole number from 1 to "
          "1000000"));
}

TEST_F(SettingsTest, ValuesOfTheWrongTypeAreRefused) {
  for (const auto* yaml :
       {"telemetry: {batch_size: 1.5}", "telemetry: {batch_size: [1]}", "telemetry: {path: ''}",
        "telemetry: {batch_size: }", "telemetry: {batch_size: 99999999999999999999}",
        "learning: {agent: {discount: .nan}}", "learning: {agent: {prior_mean: .inf}}",
        "learning: {agent: {hidden_sizes: 64}}", "learning: {agent: {hidden_sizes: []}}",
        "learning: {agent: {hidden_sizes: [64, 9999]}}", "log: {level: 1}", "log: {level: [info]}"})
    EXPECT_THAT(problems(yaml), ::testing::ElementsAre(HasSubstr("; set it to "))) << yaml;
}

TEST_F(SettingsTest, BothEndsOfARangeBelongToIt) {
  EXPECT_TRUE(load("learning: {agent: {heads: 1}}").has_value());
  EXPECT_TRUE(load("learning: {agent: {heads: 16}}").has_value());
  EXPECT_EQ(problems("learning: {agent: {heads: 0}}").size(), 1U);
  EXPECT_EQ(problems("learning: {agent: {heads: 17}}").size(), 1U);
}

TEST_F(SettingsTest, ASettingInTheWrongSectionIsPointedToItsOwn) {
  EXPECT_THAT(problems("learning_rate: 0.1"),
              ::testing::ElementsAre(
                  "1: learning_rate is no setting; did you mean learning.agent.learning_rate?"));
}

TEST_F(SettingsTest, ANameNearNothingIsPointedToTheFile) {
  EXPECT_THAT(problems("zzz: 1"), ::testing::ElementsAre(HasSubstr("see config/hintd.yaml")));
}

TEST_F(SettingsTest, ASectionIsNoValueAndAValueNoSection) {
  EXPECT_THAT(problems("telemetry: 5"), ::testing::ElementsAre(HasSubstr("it is a section")));
  EXPECT_THAT(problems("telemetry: {path: {a: 1}}"),
              ::testing::ElementsAre(HasSubstr("telemetry.path is a section; set it to a text")));
  EXPECT_THAT(problems("- a\n- b"),
              ::testing::ElementsAre(HasSubstr("begin it with 'key: value'")));
}

TEST_F(SettingsTest, ASettingGivenTwiceIsRefused) {
  EXPECT_THAT(problems("log:\n  level: info\n  level: debug\n"),
              ::testing::ElementsAre("3: log.level is given twice; delete one of them"));
}

TEST_F(SettingsTest, SettingsThatContradictEachOtherAreRefused) {
  EXPECT_THAT(problems("learning: {agent: {epsilon_start: 0.01, epsilon_end: 0.5}}"),
              ::testing::ElementsAre(HasSubstr("learning.agent.epsilon_end is 0.5")));
  EXPECT_THAT(problems("workload: {shares: {select_simple: 0, join_two_tables: 0, join_multiple: "
                       "0, aggregation: 0, analytical: 0}}"),
              ::testing::ElementsAre(HasSubstr("workload.shares are all 0")));
  EXPECT_THAT(problems("simulation: {baseline_share: 0.6, learning_share: 0.6}"),
              ::testing::ElementsAre(HasSubstr("more than 1 together")));
}

TEST_F(SettingsTest, AFileThatIsNotYamlIsNamedWithTheLine) {
  EXPECT_THAT(problems("log:\n  level: [info\ntelemetry: }\n"),
              ::testing::ElementsAre(StartsWith("3: not YAML: ")));
}

TEST_F(SettingsTest, AMissingFileAndAFolderAreNamed) {
  for (const auto* path : {"/nowhere/hintd.yaml", "/tmp"}) {
    const auto loaded = load_settings(path, {});
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().kind, ErrorKind::kNotFound);
    EXPECT_THAT(loaded.error().text(), HasSubstr(std::string(path) + " cannot be read"));
  }
}

TEST_F(SettingsTest, AnUnknownVariableIsNamed) {
  EXPECT_THAT(problems("", {{"HINTD_LOG_LEVLE", "info"}}),
              ::testing::ElementsAre("environment: HINTD_LOG_LEVLE is no setting; did you mean "
                                     "HINTD_LOG_LEVEL?"));
}

TEST(SettingsFromTest, NeedsNoFile) {
  const auto settings = settings_from({{"HINTD_WORKLOAD_SEED", "7"}});
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  EXPECT_EQ(settings->workload.seed, 7U);
  EXPECT_FALSE(settings_from({{"HINTD_WORKLOAD_SEED", "-1"}}).has_value());
}

TEST(EnvironmentTest, HoldsOnlyOurVariables) {
  ::setenv("HINTD_LOG_LEVEL", "debug=1", 1);
  const auto found = environment();
  ::unsetenv("HINTD_LOG_LEVEL");
  EXPECT_EQ(found.at("HINTD_LOG_LEVEL"), "debug=1");
  EXPECT_EQ(found.count("PATH"), 0U);
}

TEST_F(SettingsTest, WhatIsWrittenIsReadAgain) {
  Settings settings;
  settings.agent.learning_rate = 0.1 + 0.2;
  settings.agent.weight_decay = 1e-9;
  settings.agent.hidden_sizes = {1, 2, 3};
  settings.log_level = LogLevel::kDebug;
  settings.telemetry.path = "a \"quoted\" name: #1";
  const auto loaded = load(to_yaml(settings));
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(loaded->agent.learning_rate, 0.1 + 0.2);
  EXPECT_EQ(to_yaml(*loaded), to_yaml(settings));
}

TEST(SettingsJsonTest, NamesEverySettingByItsKey) {
  Settings settings;
  settings.telemetry.path = "a\"b\\c\n";
  const auto json = to_json(settings);
  EXPECT_THAT(json, StartsWith("{\"log.level\": \"info\", "));
  EXPECT_THAT(json, HasSubstr("\"learning.agent.hidden_sizes\": [128, 128]"));
  EXPECT_THAT(json, HasSubstr(R"("telemetry.path": "a\"b\\c\u000a")"));
}

TEST(SettingsTableTest, NamesAndVariablesAreUnique) {
  std::set<std::string> keys, variables;
  for (const auto& row : settings_table()) {
    EXPECT_TRUE(keys.emplace(row.key).second) << row.key;
    EXPECT_TRUE(variables.insert(environment_name(row.key)).second) << row.key;
    EXPECT_FALSE(row.meaning.empty()) << row.key;
  }
}

TEST(SettingsTableTest, EveryNumberHasARange) {
  for (const auto& row : settings_table()) {
    const auto value = row.get(Settings{});
    if (std::holds_alternative<bool>(value) || std::holds_alternative<std::string>(value)) continue;
    EXPECT_TRUE(row.limits.low < row.limits.high || !row.limits.names.empty()) << row.key;
  }
}

TEST(SettingsTableTest, SettingAValueChangesThatSettingAlone) {
  for (const auto& row : settings_table()) {
    Settings settings;
    auto value = row.get(settings);
    std::visit(
        [](auto& v) {
          using T = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<T, bool>)
            v = !v;
          else if constexpr (std::is_arithmetic_v<T>)
            v += 1;
          else if constexpr (std::is_same_v<T, std::string>)
            v += "x";
          else
            v.push_back(1);
        },
        value);
    row.set(settings, value);
    for (const auto& other : settings_table())
      EXPECT_EQ(other.get(settings) == other.get(Settings{}), other.key != row.key)
          << row.key << " and " << other.key;
  }
}

// The agent checks its own configuration as well: the two must agree on every range.
TEST(SettingsTableTest, AgreesWithTheAgentOnItsRanges) {
  for (const auto& row : settings_table()) {
    if (!row.key.starts_with("learning.agent.")) continue;
    const auto accepts = [&](double number) {
      Settings settings;
      settings.agent.epsilon_end = 0;
      const auto like = row.get(settings);
      Value value = number;
      if (std::holds_alternative<std::int64_t>(like)) value = static_cast<std::int64_t>(number);
      if (std::holds_alternative<WholeNumbers>(like))
        value = WholeNumbers{static_cast<std::int64_t>(number)};
      settings.agent.epsilon_start = 1;
      row.set(settings, value);
      return learning::validate(settings.agent).has_value();
    };
    if (!row.limits.names.empty()) continue;
    EXPECT_TRUE(accepts(row.limits.low)) << row.key;
    EXPECT_TRUE(accepts(row.limits.high)) << row.key;
    EXPECT_FALSE(accepts(row.limits.low - 1)) << row.key;
    EXPECT_FALSE(accepts(row.limits.high + 1)) << row.key;
  }
}

}  // namespace
}  // namespace hintd::config
