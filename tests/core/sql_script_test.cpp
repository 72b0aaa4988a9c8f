#include "core/sql_script.h"

#include <gtest/gtest.h>

namespace hintd {
namespace {

TEST(SqlScriptTest, TakesStatementsApartAtSemicolonsOutsideQuotes) {
  const auto script = split_script("SELECT ';' AS a;\n\nSELECT $x$ ; $x$ ;\nSELECT 3 /* ; */");
  ASSERT_TRUE(script) << script.error().text();
  ASSERT_EQ(script->size(), 3U);
  EXPECT_EQ((*script)[0].sql, "SELECT ';' AS a");
  EXPECT_EQ((*script)[1].sql, "SELECT $x$ ; $x$");
  EXPECT_EQ((*script)[1].line, 3U);
  EXPECT_EQ((*script)[2].sql, "SELECT 3 /* ; */");
}

TEST(SqlScriptTest, ALineOfCommentBeforeAStatementIsKeptApart) {
  const auto script = split_script("-- JOB\n-- 17e\nSELECT 1 -- inside\n, 2;\n-- at the end\n");
  ASSERT_TRUE(script);
  ASSERT_EQ(script->size(), 1U);
  EXPECT_EQ((*script)[0].comment, "17e");
  EXPECT_EQ((*script)[0].sql, "SELECT 1 -- inside\n, 2");
  EXPECT_EQ((*script)[0].line, 3U);
}

TEST(SqlScriptTest, LeavesOutPsqlCommands) {
  const auto script = split_script("\\timing on\nSELECT 1;\n\\q\n");
  ASSERT_TRUE(script) << script.error().text();
  ASSERT_EQ(script->size(), 1U);
  EXPECT_EQ((*script)[0].line, 2U);
}

TEST(SqlScriptTest, AWrongStatementIsTakenApartLikeAnyOther) {
  const auto script = split_script("SELEC 1; SELECT 2");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->size(), 2U);
}

TEST(SqlScriptTest, NothingIsNoStatement) {
  for (const auto* text : {"", " ;; ;", "-- nothing\n", "/* nothing */"}) {
    const auto script = split_script(text);
    ASSERT_TRUE(script) << text;
    for (const auto& one : *script) EXPECT_EQ(one.sql.find("SELECT"), std::string::npos) << text;
  }
  EXPECT_TRUE(split_script("-- nothing\n")->empty());
}

TEST(SqlScriptTest, AnOpenQuoteIsNamedWithItsLine) {
  const auto script = split_script("SELECT 1;\nSELECT 'open");
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().kind, ErrorKind::kInvalidInput);
  EXPECT_NE(script.error().message.find("line 2: unterminated quoted string"), std::string::npos)
      << script.error().message;
}

TEST(SqlScriptTest, ANulByteIsNamed) {
  const auto script = split_script(std::string_view("SELECT 1;\n\0", 11));
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().message, "line 2 holds a NUL byte");
}

TEST(CalledNamesTest, FindsCallsAndNotQuotedText) {
  const auto names =
      called_names("SELECT Count (*), \"Odd Name\"(1), 'setval(1)' FROM t, lower(a)");
  EXPECT_EQ(names, (std::vector<std::string>{"count", "Odd Name", "lower"}));
}

TEST(ParametersTest, AreFoundOutsideNamesAndQuotes) {
  EXPECT_TRUE(has_parameters("SELECT * FROM t WHERE a = $1"));
  EXPECT_FALSE(has_parameters("SELECT '$1', a$1 FROM t"));
}

}  // namespace
}  // namespace hintd
