#include "proxy/hint_mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "talk.h"

namespace hintd::proxy::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAsked = "SELECT a FROM t";

TEST(HintModeTest, IsReadAsPeopleWriteIt) {
  for (const auto* text :
       {"set hintd.mode=off", "SET SESSION hintd.mode TO 'off'", "SET hintd.mode TO \"False\";",
        " set hintd.mode = 0", "SET hintd.mode = no", "SET hintd.mode = observe"})
    EXPECT_EQ(hint_mode_set_by(text), HintMode::kOff) << text;
  for (const auto* text : {"SET hintd.mode = on", "set hintd.mode to true", "SET hintd.mode = 1"})
    EXPECT_EQ(hint_mode_set_by(text), HintMode::kOn) << text;
  for (const auto* text : {"RESET hintd.mode;", "reset ALL", "SET hintd.mode TO DEFAULT"})
    EXPECT_EQ(hint_mode_set_by(text), HintMode::kDefault) << text;
  EXPECT_EQ(hint_mode_set_by("SET hintd.mode = perhaps"), HintMode::kUnknown);
  for (const auto* text : {"SET search_path = off", "SET LOCAL hintd.mode = off", "RESET work_mem",
                           "SELECT 'set hintd.mode = off'", ""})
    EXPECT_EQ(hint_mode_set_by(text), std::nullopt) << text;
}

TEST(HintModeTest, IsReadFromTheOptionsOfAStartupPacket) {
  for (const auto* options : {"-c hintd.mode=off", "-chintd.mode=off", "--hintd.mode=off",
                              "-c work_mem=64MB -c hintd.mode=off -c geqo=on"})
    EXPECT_EQ(hint_mode_in_options(options), HintMode::kOff) << options;
  EXPECT_EQ(hint_mode_in_options("-c hintd.mode=off -c hintd.mode=on"), HintMode::kOn)
      << "the last one counts";
  EXPECT_EQ(hint_mode_in_options("-c hintd.mode=banana"), HintMode::kUnknown);
  for (const auto* options :
       {"", "-c hintd.mode", "-c my_hintd.mode=off", "-c hintd.modes=off", "-c geqo=off"})
    EXPECT_EQ(hint_mode_in_options(options), std::nullopt) << options;
}

class SessionModeTest : public testing::Test {
 protected:
  // What the client asks, and the server answers.
  void ask(const std::string& sql, const std::string& tag) {
    talk_.client(query(sql));
    talk_.sent();
    talk_.server(complete(tag) + ready());
    talk_.heard();
  }
  bool hints() {
    talk_.client(query(kAsked));
    const bool hinted = talk_.sent() != query(kAsked);
    talk_.server((hinted ? complete("SET") : "") + complete("SELECT 0") + ready());
    talk_.heard();
    return hinted;
  }
  void begin(HintMode mode) {
    talk_.conversation.emplace(talk_.worker, talk_.console,
                               ClientFacts{"ann", "shop", "web", false, mode});
    talk_.server(authenticated());
    talk_.heard();
  }

  Talk talk_{kArm};
};

TEST_F(SessionModeTest, EndsWithTheSettingsThatAreReset) {
  for (const auto& [sql, tag] : {std::pair("RESET ALL", "RESET"), {"DISCARD ALL", "DISCARD ALL"}}) {
    ask("SET hintd.mode = off", "SET");
    EXPECT_FALSE(hints());
    ask(sql, tag);
    EXPECT_TRUE(hints()) << sql;
  }
}

TEST_F(SessionModeTest, ResetsToWhatTheSessionBeganWith) {
  begin(HintMode::kOff);
  EXPECT_FALSE(hints());
  ask("SET hintd.mode = on", "SET");
  EXPECT_TRUE(hints());
  ask("DISCARD ALL", "DISCARD ALL");
  EXPECT_FALSE(hints());
}

TEST_F(SessionModeTest, AValueThatItCannotBeIsRefusedAndChangesNothing) {
  talk_.client(query("SET hintd.mode = banana"));
  EXPECT_THAT(talk_.sent(), IsEmpty());
  const auto heard = talk_.heard();
  EXPECT_THAT(heard, HasSubstr("22023"));
  EXPECT_TRUE(heard.ends_with(ready()));
  EXPECT_TRUE(hints());
}

TEST_F(SessionModeTest, InATransactionTheServerIsToSayWhatItThinksOfTheValue) {
  talk_.client(query("BEGIN"));
  talk_.server(complete("BEGIN") + ready('T'));
  talk_.sent();
  talk_.client(query("SET hintd.mode = banana"));
  EXPECT_EQ(talk_.sent(), query("SET hintd.mode = banana"));
}

TEST_F(SessionModeTest, IsShown) {
  ask("SET hintd.mode = off", "SET");
  talk_.client(query("SHOW hintd.mode"));
  EXPECT_THAT(talk_.sent(), IsEmpty());
  EXPECT_THAT(talk_.heard(), HasSubstr("off"));
}

}  // namespace
}  // namespace hintd::proxy::test
