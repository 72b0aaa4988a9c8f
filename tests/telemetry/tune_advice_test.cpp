#include "telemetry/tune_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tune_sample.h"

namespace hintd::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TuneAdviceTest, AHintForAllLiteralsBecomesARowOfTheHintTable) {
  const auto sql = hint_table_sql(test::tune_sample().policy);
  EXPECT_THAT(sql, HasSubstr("\nINSERT INTO hint_plan.hints (norm_query_string, application_name, "
                             "hints) VALUES (\n'SELECT ? || ''it''''s'' || ?',\n'', "
                             "'Set(enable_nestloop \"off\")');\n"));
}

TEST(TuneAdviceTest, WhatWasProvedForSomeLiteralsAloneIsAComment) {
  const auto sql = hint_table_sql(test::tune_sample().policy);
  EXPECT_THAT(sql, HasSubstr("-- not proved for other literals than those of q2"));
  EXPECT_THAT(sql, HasSubstr("\n-- 'SELECT f(?)\n--  FROM t',\n-- '', 'Set(enable_hashjoin "
                             "\"off\") Set(work_mem \"64MB\")');\n"));
  EXPECT_THAT(sql, Not(HasSubstr("\n FROM t")));
}

TEST(TuneAdviceTest, EachConfirmedStatementIsATransactionWithItsSettings) {
  const auto sql = set_local_snippets(test::tune_sample());
  EXPECT_THAT(sql, HasSubstr("-- q1: no_nestloop, 100"));
  EXPECT_THAT(sql, testing::ContainsRegex("BEGIN;\nSET LOCAL enable_nestloop.*off.*\nSELECT "
                                          "'<q1>';\nCOMMIT;\n"));
  EXPECT_THAT(sql, HasSubstr("SELECT '<q2>';"));
  EXPECT_THAT(sql, Not(HasSubstr("q3")));
}

TEST(TuneAdviceTest, WithoutEvidenceThereIsNothingToRun) {
  auto report = test::tune_sample();
  for (auto& line : report.lines) line.evidence.reset();
  EXPECT_EQ(set_local_snippets(report), "");
  EXPECT_THAT(hint_table_sql({}), Not(HasSubstr("INSERT")));
}

}  // namespace
}  // namespace hintd::telemetry
