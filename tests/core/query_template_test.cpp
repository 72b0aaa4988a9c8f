#include "core/query_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/rng.h"
#include "core/sql_outline.h"

namespace hintd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ParsedQuery parsed(const std::string& sql) {
  auto result = parse_query(sql);
  EXPECT_TRUE(result.has_value()) << sql << ": " << (result ? "" : result.error().text());
  return result.value_or(ParsedQuery{});
}

std::uint64_t fingerprint(const std::string& sql) {
  return parsed(sql).query_template->fingerprint;
}

StatementKind kind(const std::string& sql) {
  return parsed(sql).query_template->kind;
}

// The literals' texts.
std::vector<std::string> literals(const std::string& sql) {
  std::vector<std::string> texts;
  for (const auto text : outline_of(sql).literals) texts.emplace_back(text);
  return texts;
}

TEST(FingerprintTest, IsTheSameWhateverTheLiteralsAre) {
  const auto sql = [](const char* country, int id) {
    return std::string("SELECT name FROM customers WHERE country = '") + country + "' AND id > " +
           std::to_string(id);
  };
  EXPECT_EQ(fingerprint(sql("DE", 1)), fingerprint(sql("United States", 99999)));
}

TEST(FingerprintTest, IgnoresCaseSpaceAndComments) {
  EXPECT_EQ(fingerprint("SELECT a FROM t WHERE b = 1"),
            fingerprint("select  a\nfrom T /* here */ where B=2 -- there"));
}

TEST(FingerprintTest, DiffersWhereTheStatementDiffers) {
  const auto one = fingerprint("SELECT a FROM t WHERE b = 1");
  EXPECT_NE(one, fingerprint("SELECT a FROM t WHERE c = 1"));
  EXPECT_NE(one, fingerprint("SELECT a FROM u WHERE b = 1"));
  EXPECT_NE(one, fingerprint("SELECT a FROM t WHERE b > 1"));
}

TEST(FingerprintTest, IsTheSameForInListsOfDifferentLength) {
  EXPECT_EQ(fingerprint("SELECT 1 FROM t WHERE a IN (1, 2)"),
            fingerprint("SELECT 1 FROM t WHERE a IN (3, 4, 5, 6)"));
}

TEST(FingerprintTest, IsShownAsSixteenHexadecimalDigits) {
  EXPECT_EQ(fingerprint_text(0xabc), "0000000000000abc");
  EXPECT_EQ(fingerprint_text(~std::uint64_t{0}), "ffffffffffffffff");
}

TEST(FingerprintTest, IsReadBackFromItsTextAndFromNothingElse) {
  for (const auto each : {std::uint64_t{0}, std::uint64_t{0xabc}, ~std::uint64_t{0}})
    EXPECT_EQ(fingerprint_from(fingerprint_text(each)).value(), each);
  for (const auto* wrong :
       {"", "abc", "000000000000zabc", "0000000000000abc0", " 00000000000abc1"}) {
    const auto read = fingerprint_from(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalidInput);
  }
}

TEST(NormalizedTextTest, HoldsNoLiteral) {
  const auto text = parsed("SELECT * FROM t WHERE a = 'secret' AND b = 4711 AND c IN ('x1', 'x2')")
                        .query_template->normalized;
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("4711")));
  EXPECT_THAT(text, Not(HasSubstr("x1")));
}

TEST(LiteralsTest, AreFoundInOrderOfPlace) {
  EXPECT_THAT(literals("SELECT 1 FROM t WHERE a = 'x' AND b < 2.5 AND c = 'y'"),
              ElementsAre("1", "'x'", "2.5", "'y'"));
}

TEST(LiteralsTest, MayHoldQuotesAndTheTextThatFollowsThem) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a = 'it''s' AND b = ' AND b = ' AND c = 1"),
              ElementsAre("'it''s'", "' AND b = '", "1"));
}

TEST(LiteralsTest, MayBeEmptyStrings) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a = '' AND b = ''"), ElementsAre("''", "''"));
}

TEST(LiteralsTest, MayBeEscapeStrings) {
  EXPECT_THAT(literals(R"(SELECT a FROM t WHERE a = E'it\'s' AND b = E'\\' AND c = 3)"),
              ElementsAre(R"(E'it\'s')", R"(E'\\')", "3"));
}

TEST(LiteralsTest, MayBeDollarQuoted) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a = $$it's$$ AND b = $tag$ $$ $tag$ AND c = 3"),
              ElementsAre("$$it's$$", "$tag$ $$ $tag$", "3"));
}

TEST(LiteralsTest, MayStandInLists) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a IN (1, 2, 3) AND b IN ('p', 'q')"),
              ElementsAre("1", "2", "3", "'p'", "'q'"));
}

TEST(LiteralsTest, MayStandCloseTogether) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a IN(1,'p',2,'')"),
              ElementsAre("1", "'p'", "2", "''"));
}

TEST(LiteralsTest, AreNotKeywords) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE b = 1 AND c = true AND d = 'x'"),
              ElementsAre("1", "'x'"));
}

TEST(LiteralsTest, AreNotDigitsOfNamesNorOfComments) {
  EXPECT_THAT(literals("SELECT t1.a2, \"x'1\" FROM t1 /* 7 /* 8 */ 9 */ -- 10\nWHERE b=11"),
              ElementsAre("11"));
}

TEST(LiteralsTest, MayBeNegative) {
  const auto found = literals("SELECT a FROM t WHERE a > -5 AND b = -1.5e3");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], HasSubstr("5"));
  EXPECT_THAT(found[1], HasSubstr("1.5e3"));
}

TEST(LiteralsTest, MayBeCastAndTyped) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE d >= DATE '2024-01-01' AND e = '7'::int AND f < "
                       "now() - interval '7 days'"),
              ElementsAre("'2024-01-01'", "'7'", "'7 days'"));
}

TEST(LiteralsTest, DoNotCountParametersOfTheTextItself) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a = $1 AND b = 'x' AND c = $2 AND d = 4"),
              ElementsAre("'x'", "4"));
}

TEST(LiteralsTest, AreNoneWhereThereIsNothingToTakeOut) {
  EXPECT_THAT(literals("SELECT a FROM t"), IsEmpty());
}

TEST(LiteralsTest, MayHoldDollarSigns) {
  EXPECT_THAT(literals("SELECT a FROM t WHERE a = 'costs $1' AND b = 2"),
              ElementsAre("'costs $1'", "2"));
}

TEST(LiteralsTest, AreNotLostBehindNonAsciiText) {
  EXPECT_THAT(literals("SELECT a AS \"gr\u00f6\u00dfe\" FROM t WHERE a = 'K\u00f6ln' AND b = 2"),
              ElementsAre("'K\u00f6ln'", "2"));
}

TEST(LiteralsTest, AreKeptAsHashesThatTellThemApart) {
  const auto one = parsed("SELECT a FROM t WHERE a = 'x' AND b = 1");
  const auto other = parsed("SELECT a FROM t WHERE a = 'y' AND b = 1");
  ASSERT_EQ(one.literals.size(), 2U);
  EXPECT_EQ(one.literals[0], stable_hash("'x'"));
  EXPECT_NE(one.literals[0], other.literals[0]);
  EXPECT_EQ(one.literals[1], other.literals[1]);
}

TEST(StatementKindTest, PlainSelectsAreReadOnly) {
  for (const auto* sql :
       {"SELECT 1", "SELECT a FROM t UNION ALL SELECT b FROM u",
        "WITH w AS (SELECT 1) SELECT * "
        "FROM w",
        "SELECT * FROM t WHERE a = 'FOR UPDATE'", "SELECT a FROM t;",
        "SELECT * FROM (SELECT 1 AS stmt) s", "SELECT a FROM t WHERE b = '\"LockingClause\":'",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n "
        "FROM r",
        "VALUES (1), (2)", "TABLE t"})
    EXPECT_EQ(kind(sql), StatementKind::kReadOnlySelect) << sql;
}

TEST(StatementKindTest, EverythingElseIsPassedThrough) {
  for (const auto* sql :
       {"SELECT a FROM t FOR UPDATE", "SELECT a FROM t FOR SHARE",
        "SELECT * FROM (SELECT a FROM t FOR UPDATE) s",
        "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
        "WITH i AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM i",
        "WITH u AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM u", "SELECT a INTO n FROM t",
        "SELECT 1; SELECT 2", "EXPLAIN SELECT 1", "COPY t TO STDOUT", "COPY (SELECT 1) TO STDOUT",
        "INSERT INTO t SELECT 1", "UPDATE t SET a = 1", "DELETE FROM t",
        "CREATE TABLE n AS SELECT 1", "BEGIN", "SET work_mem = '1MB'", "PREPARE p AS SELECT 1",
        "DECLARE c CURSOR FOR SELECT 1"})
    EXPECT_EQ(kind(sql), StatementKind::kOther) << sql;
}

TEST(StatementKindTest, AnEmptyTextIsNoSelect) {
  EXPECT_EQ(kind(""), StatementKind::kOther);
  EXPECT_EQ(kind("-- nothing"), StatementKind::kOther);
}

TEST(QueryShapeTest, CountsWhatTheStatementHolds) {
  const auto shape =
      parsed(
          "WITH w AS (SELECT 1 AS x) SELECT DISTINCT count(*), row_number() OVER (ORDER BY a) "
          "FROM t JOIN u ON t.id = u.id LEFT JOIN w ON true WHERE t.name LIKE 'a%' AND t.k IN "
          "(1, 2) AND EXISTS (SELECT 1 FROM v) GROUP BY a ORDER BY a LIMIT 5")
          .query_template->shape;
  EXPECT_EQ(shape.relations, 4);
  EXPECT_EQ(shape.joins, 2);
  EXPECT_EQ(shape.subqueries, 1);
  EXPECT_EQ(shape.ctes, 1);
  EXPECT_EQ(shape.aggregates_or_functions, 2);
  EXPECT_EQ(shape.like, 1);
  EXPECT_EQ(shape.in_lists, 1);
  EXPECT_TRUE(shape.group_by && shape.order_by && shape.limit && shape.distinct && shape.window);
}

TEST(QueryShapeTest, CountsSetOperations) {
  EXPECT_EQ(parsed("SELECT 1").query_template->shape.set_operations, 0);
  EXPECT_EQ(parsed("SELECT 1 UNION SELECT 2 UNION SELECT 3").query_template->shape.set_operations,
            2);
}

TEST(QueryShapeTest, CountsEveryLikeAndEveryInList) {
  const auto shape = parsed(
                         "SELECT 1 FROM t WHERE a LIKE 'x%' OR b LIKE 'y%' OR c ILIKE 'z' OR d "
                         "IN (1) OR e IN (2, 3)")
                         .query_template->shape;
  EXPECT_EQ(shape.like, 3);
  EXPECT_EQ(shape.in_lists, 2);
}

TEST(QueryShapeTest, IsNotFooledByLiteralsThatLookLikeNodes) {
  const auto shape = parsed(R"(SELECT 1 FROM t WHERE a = '"RangeVar":' AND b = '"groupClause":')")
                         .query_template->shape;
  EXPECT_EQ(shape.relations, 1);
  EXPECT_FALSE(shape.group_by);
}

std::vector<std::string> functions(const std::string& sql) {
  return parsed(sql).query_template->functions;
}

TEST(FunctionsTest, AreNamedAsWrittenWhateverStandsInTheirNames) {
  EXPECT_THAT(functions(R"(SELECT "a]b"(1), s.f(2), COUNT(*), "pg_catalog.count"(3))"),
              ElementsAre("a]b", "s.f", "count", "\"pg_catalog.count\""));
  EXPECT_THAT(functions("SELECT '\"funcname\":[' || 'x'"), IsEmpty());
}

TEST(FunctionsTest, AnOperatorOfAnotherSchemaIsOne) {
  EXPECT_THAT(functions("SELECT 1 OPERATOR(public.+) 2, a OPERATOR(s.=) ANY (SELECT 1) FROM t "
                        "ORDER BY a USING OPERATOR(s.~)"),
              ElementsAre("operator public.+", "operator s.=", "operator s.~"));
  EXPECT_THAT(functions("SELECT 1 OPERATOR(pg_catalog.+) 2 + 3, a.b FROM s.t a"), IsEmpty());
}

TEST(FunctionsTest, ASampleWithoutASeedIsOne) {
  EXPECT_THAT(functions("SELECT 1 FROM t TABLESAMPLE system(10)"), ElementsAre("tablesample"));
  EXPECT_THAT(functions("SELECT 1 FROM t TABLESAMPLE system(10) REPEATABLE (3)"), IsEmpty());
}

TEST(ParseQueryTest, ASyntaxErrorNamesWhatAndWhere) {
  const auto result = parse_query("SELECT a FORM t");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::kQuery);
  EXPECT_THAT(result.error().message, HasSubstr("syntax error"));
  EXPECT_THAT(result.error().message, HasSubstr("at character 15"));
}

TEST(ParseQueryTest, ATreeDeeperThanAThreadsStackIsParsed) {
  std::string deep = "SELECT 1";
  while (deep.size() < 200'000) deep += "-1";
  EXPECT_EQ(parsed(deep).literals.size(), 99'997U);
  EXPECT_EQ(kind(deep), StatementKind::kReadOnlySelect);
}

TEST(ParseQueryTest, ATextBeyondTheLimitIsRefused) {
  const auto result = parse_query("SELECT '" + std::string(kMaxParsedText, 'x') + "'");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidInput);
}

TEST(ParseQueryTest, AnUnterminatedLiteralIsAnError) {
  EXPECT_FALSE(parse_query("SELECT 'a").has_value());
}

}  // namespace
}  // namespace hintd
