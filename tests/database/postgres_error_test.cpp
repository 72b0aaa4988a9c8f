#include <gtest/gtest.h>

#include "database/postgres/connection.h"
#include "database/postgres/pg_error.h"

namespace hintd::database {
namespace {

TEST(ConnectionErrorTest, IsTheFirstLineWithARemedy) {
  const auto error = connection_error(
      "connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file or directory\n"
      "\tIs the server running locally and accepting connections on that socket?\n");
  EXPECT_EQ(
      error.text(),
      "cannot connect to PostgreSQL: connection to server on socket "
      "\"/tmp/.s.PGSQL.5432\" failed: No such file or directory; start the server, or correct "
      "host and port in the DSN");
  EXPECT_EQ(error.kind, ErrorKind::kUnavailable);
}

TEST(ConnectionErrorTest, WhatOnlyTheUserCanMendIsInvalidInput) {
  for (const auto* message :
       {"FATAL:  password authentication failed for user \"ann\"\n",
        "FATAL:  database \"shop\" does not exist\n", "FATAL:  role \"ann\" does not exist\n",
        "fe_sendauth: no password supplied\n", "invalid connection option \"hots\"\n",
        "missing \"=\" after \"host\" in connection info string\n"}) {
    const auto error = connection_error(message);
    EXPECT_EQ(error.kind, ErrorKind::kInvalidInput) << message;
    EXPECT_FALSE(error.remedy.empty()) << message;
  }
}

TEST(ConnectionErrorTest, WhatPassesByItselfIsUnavailable) {
  for (const auto* message : {"FATAL:  the database system is starting up\n",
                              "FATAL:  sorry, too many clients already\n", "timeout expired\n"})
    EXPECT_EQ(connection_error(message).kind, ErrorKind::kUnavailable) << message;
}

TEST(StatementErrorTest, NamesTheStateAndDropsSeverityAndContext) {
  const auto error = statement_error(
      "42703", "ERROR:  column \"nmae\" does not exist\nLINE 1: SELECT nmae\n               ^\n");
  EXPECT_EQ(error.message,
            "PostgreSQL refused the statement: column \"nmae\" does not exist (42703)");
  EXPECT_EQ(error.kind, ErrorKind::kQuery);
}

TEST(StatementErrorTest, TheStateDecidesTheKind) {
  EXPECT_EQ(statement_error("57014", "").kind, ErrorKind::kCancelled);
  EXPECT_EQ(statement_error("57P01", "").kind, ErrorKind::kUnavailable);
  EXPECT_EQ(statement_error("08006", "").kind, ErrorKind::kUnavailable);
  EXPECT_EQ(statement_error("53100", "").kind, ErrorKind::kExhausted);
  EXPECT_EQ(statement_error("53200", "").kind, ErrorKind::kExhausted);
  EXPECT_EQ(statement_error("25006", "").kind, ErrorKind::kQuery);
  EXPECT_EQ(statement_error("", "something odd").kind, ErrorKind::kQuery);
}

TEST(DsnTest, KeywordsOfTheUserComeLastAndWin) {
  EXPECT_EQ(completed_dsn({"host=here connect_timeout=9", std::chrono::seconds(5)}),
            "fallback_application_name=hintd connect_timeout=5 host=here connect_timeout=9");
}

TEST(DsnTest, AUriIsCompletedWithoutOverrulingIt) {
  EXPECT_EQ(completed_dsn({"postgresql://h/shop"}),
            "postgresql://h/shop?fallback_application_name=hintd&connect_timeout=5");
  EXPECT_EQ(completed_dsn({"postgres://h/shop?connect_timeout=9"}),
            "postgres://h/shop?connect_timeout=9&fallback_application_name=hintd");
}

}  // namespace
}  // namespace hintd::database
