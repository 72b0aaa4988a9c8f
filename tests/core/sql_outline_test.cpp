#include "core/sql_outline.h"

#include <gtest/gtest.h>

#include "core/template_cache.h"

namespace hintd {
namespace {

std::uint64_t outline(std::string_view sql) {
  return outline_of(sql).hash;
}

TEST(SqlOutlineTest, IsTheSameWhateverTheLiteralsAre) {
  EXPECT_EQ(outline("SELECT a FROM t WHERE b = 'x' AND c < 2.5e-3 LIMIT 10"),
            outline("SELECT a FROM t WHERE b = E'it\\'s' AND c < 7 LIMIT 2000"));
  EXPECT_EQ(outline("SELECT a FROM t WHERE b = $$ ' $$"), outline("SELECT a FROM t WHERE b = ''"));
}

TEST(SqlOutlineTest, IgnoresSpacingAndComments) {
  EXPECT_EQ(outline("SELECT a FROM t WHERE b = 1"),
            outline("SELECT  a /* id 7 */\n FROM t -- 'x'\nWHERE b\t=  2"));
}

TEST(SqlOutlineTest, DiffersWhereTheStatementDiffers) {
  const auto one = outline("SELECT a FROM t WHERE b = 1 AND c = $1");
  EXPECT_NE(one, outline("SELECT a FROM t WHERE b = 1 AND c = $2"));
  EXPECT_NE(one, outline("SELECT a FROM t WHERE b > 1 AND c = $1"));
  EXPECT_NE(one, outline("SELECT a FROM u WHERE b = 1 AND c = $1"));
  EXPECT_NE(outline("SELECT ab"), outline("SELECT a b"));
  EXPECT_NE(outline("SELECT \"a 1\""), outline("SELECT \"a 2\""));
}

TEST(SqlOutlineTest, WhatIsCutOffHasAnOutlineToo) {
  for (const auto* sql : {"", "SELECT 'a", "SELECT \"a", "SELECT $x$ a", "/* a", "SELECT 1e", "$"})
    EXPECT_LE(outline_of(sql).literals.size(), 1U) << sql;
}

TEST(TemplateCacheTest, AnswersAsAParseWould) {
  TemplateCache cache;
  for (const auto* sql : {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 2",
                          "DELETE FROM t WHERE b = 1", "DELETE FROM t WHERE b = 2"}) {
    const auto known = cache.get(sql);
    const auto parsed = parse_query(sql);
    ASSERT_TRUE(known && parsed) << sql;
    EXPECT_EQ(known->query_template->fingerprint, parsed->query_template->fingerprint);
    EXPECT_EQ(known->query_template->kind, parsed->query_template->kind);
    EXPECT_EQ(known->literals, parsed->literals);
  }
}

TEST(TemplateCacheTest, ParsesATemplateOnceWhateverItsLiterals) {
  TemplateCache cache;
  const auto one = cache.get("SELECT a FROM t WHERE b = 1");
  const auto two = cache.get("SELECT a FROM t WHERE b = 2");
  EXPECT_EQ(one->query_template, two->query_template);
  EXPECT_NE(one->literals, two->literals);
}

TEST(TemplateCacheTest, StartsAnewWhenFull) {
  TemplateCache cache(2);
  for (const auto* sql : {"SELECT a", "SELECT b", "SELECT c", "SELECT a"})
    EXPECT_TRUE(cache.get(sql)) << sql;
}

TEST(TemplateCacheTest, DoesNotKeepErrors) {
  TemplateCache cache;
  EXPECT_EQ(cache.get("SELECT FROM WHERE").error().kind, ErrorKind::kQuery);
  EXPECT_EQ(cache.get("SELECT FROM WHERE").error().kind, ErrorKind::kQuery);
}

}  // namespace
}  // namespace hintd
