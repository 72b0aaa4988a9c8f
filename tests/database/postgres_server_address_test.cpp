#include "database/postgres/server_address.h"

#include <gtest/gtest.h>

namespace hintd::database {
namespace {

TEST(ServerAddressTest, ADsnIsMovedToAnotherAddressAndKeepsTheRest) {
  EXPECT_EQ(dsn_at("host=db1 port=5433 user=ann dbname=shop sslmode=require", "/run/h", 6543),
            "user='ann' dbname='shop' host='/run/h' port='6543' sslmode='disable' ");
  EXPECT_EQ(dsn_at("postgresql://ann:it's@db1:5433/shop", "127.0.0.1", 1),
            "user='ann' password='it\\'s' dbname='shop' host='127.0.0.1' port='1' "
            "sslmode='disable' ");
}

TEST(ServerAddressTest, WhatIsNoDsnIsRefused) {
  const auto moved = dsn_at("host=", "127.0.0.1", 1);
  EXPECT_TRUE(moved) << "an empty value is libpq's default";
  const auto wrong = dsn_at("nonsense", "127.0.0.1", 1);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace hintd::database
