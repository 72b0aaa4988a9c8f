#include <gtest/gtest.h>

#include "database/demo/shop_setup.h"
#include "database/demo/workload.h"
#include "database/postgres/connection.h"
#include "test_cluster.h"

namespace hintd::database::demo {
namespace {

constexpr ShopRecipe kSmall{.scale = 0.01, .seed = 7};

Connection connect(const std::string& dsn) {
  return std::move(*Connection::open({.dsn = dsn, .read_only = false}));
}

void run(const std::string& dsn, const std::string& sql) {
  const auto done = connect(dsn).query(sql);
  ASSERT_TRUE(done.has_value()) << done.error().text();
}

Result<SetupSummary> setup(const std::string& dsn, const SetupOptions& options) {
  return setup_shop(dsn, options, [](const std::string&, double) {});
}

class DemoSetupTest : public testing::Test {
 protected:
  void SetUp() override {
    HINTD_NEEDS_POSTGRES();
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::string database = "demo_" + std::to_string(stable_hash(name));
    ASSERT_TRUE(test::cluster().create_database_if_missing(database));
    dsn_ = test::cluster_dsn(database);
  }

  void load() {
    const auto loaded = setup(dsn_, {.recipe = kSmall});
    ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  }

  std::string dsn_;
};

TEST_F(DemoSetupTest, ALoadedShopIsComplete) {
  double last = 0;
  const auto loaded =
      setup_shop(dsn_, {.recipe = kSmall}, [&](const std::string&, double fraction) {
        EXPECT_GE(fraction, last);
        last = fraction;
      });
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(last, 1);
  EXPECT_NEAR(static_cast<double>(loaded->total_rows()), 100'000, 15'000);
  const auto report = verify_shop(dsn_);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  EXPECT_EQ(report->missing, std::vector<std::string>{});
  EXPECT_EQ(report->recipe, kSmall);
  EXPECT_EQ(report->rows, loaded->rows);
}

TEST_F(DemoSetupTest, TheSameShopIsKept) {
  load();
  const auto again = setup(dsn_, {.recipe = kSmall});
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_TRUE(again->already_loaded);
}

TEST_F(DemoSetupTest, AnotherShopIsReplacedOnlyWhenTold) {
  load();
  const ShopRecipe other{.scale = 0.01, .seed = 8};
  const auto refused = setup(dsn_, {.recipe = other});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(setup(dsn_, {.recipe = other, .replace = true}).has_value());
  EXPECT_EQ(verify_shop(dsn_)->recipe, other);
}

TEST_F(DemoSetupTest, ALoadThatWasCutShortIsRedone) {
  load();
  run(dsn_, "DELETE FROM hintd_shop WHERE key = 'complete'; DROP TABLE events");
  EXPECT_FALSE(verify_shop(dsn_)->complete());
  const auto again = setup(dsn_, {.recipe = kSmall});
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_FALSE(again->already_loaded);
  EXPECT_TRUE(verify_shop(dsn_)->complete());
}

TEST_F(DemoSetupTest, AShopThatWasDamagedIsNamedAndRedoneOnlyWhenTold) {
  load();
  run(dsn_,
      "ALTER TABLE payments DROP CONSTRAINT payments_pkey CASCADE; "
      "DELETE FROM pg_statistic WHERE starelid = 'payments'::regclass");
  const auto refused = setup(dsn_, {.recipe = kSmall});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_NE(refused.error().message.find("missing primary key of payments, and 1 more"),
            std::string::npos)
      << refused.error().message;
  const auto redone = setup(dsn_, {.recipe = kSmall, .replace = true});
  ASSERT_TRUE(redone.has_value()) << redone.error().text();
  EXPECT_FALSE(redone->already_loaded);
  EXPECT_TRUE(verify_shop(dsn_)->complete());
}

TEST_F(DemoSetupTest, ALoadThatIsStoppedIsBegunAnew) {
  SetupOptions options{.recipe = kSmall};
  double reached = 0;
  options.stopping = [&] { return reached > 0.1; };
  const auto stopped =
      setup_shop(dsn_, options, [&](const std::string&, double part) { reached = part; });
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().kind, ErrorKind::kCancelled) << stopped.error().text();
  EXPECT_LT(reached, 1);
  EXPECT_FALSE(verify_shop(dsn_)->complete());
  load();
  EXPECT_TRUE(verify_shop(dsn_)->complete());
}

TEST_F(DemoSetupTest, RefusesADatabaseWithOtherTables) {
  run(dsn_, "CREATE TABLE ledger (entry int)");
  const auto refused = setup(dsn_, {.recipe = kSmall});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_NE(refused.error().message.find("ledger"), std::string::npos);
}

TEST_F(DemoSetupTest, NeverDropsATableThatIsNotItsOwn) {
  run(dsn_, "CREATE TABLE orders (mine int)");
  const auto refused = setup(dsn_, {.recipe = kSmall, .replace = true});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  run(dsn_, "SELECT mine FROM orders");
}

TEST_F(DemoSetupTest, VerifySaysWhatIsMissing) {
  load();
  run(dsn_,
      "DROP INDEX orders_ordered_at_idx; ALTER TABLE events DROP CONSTRAINT events_product_id_fkey;"
      "DELETE FROM reviews WHERE review_id = 1; DROP TABLE inventory");
  const auto report = verify_shop(dsn_);
  ASSERT_TRUE(report.has_value()) << report.error().text();
  std::string missing;
  for (const auto& line : report->missing) missing += line + "\n";
  EXPECT_NE(missing.find("index orders_ordered_at_idx"), std::string::npos) << missing;
  EXPECT_NE(missing.find("foreign key events_product_id_fkey"), std::string::npos) << missing;
  EXPECT_NE(missing.find("rows of reviews: 4499 of 4500"), std::string::npos) << missing;
  EXPECT_NE(missing.find("table inventory"), std::string::npos) << missing;
}

TEST_F(DemoSetupTest, RefusesAScaleOutOfRange) {
  const auto refused = setup(dsn_, {.recipe = {.scale = 0, .seed = 1}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidInput);
}

TEST_F(DemoSetupTest, AWorkloadWantsALoadedShop) {
  const auto made = Workload::create(dsn_, {});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().kind, ErrorKind::kNotFound);
}

TEST_F(DemoSetupTest, EveryQueryAnswersTheSameUnderAnotherPlan) {
  load();
  const auto workload = Workload::create(dsn_, {});
  ASSERT_TRUE(workload.has_value()) << workload.error().text();
  auto connection = connect(dsn_);
  for (const auto split : {Split::kHeldOutLiterals, Split::kHeldOutTemplates}) {
    for (const auto& query : workload->evaluation(split)) {
      const auto usual = connection.fetch(query.sql);
      const auto other = connection.fetch("SET LOCAL enable_nestloop = off; " + query.sql);
      ASSERT_TRUE(usual.has_value()) << query.template_name << ": " << usual.error().text();
      ASSERT_TRUE(other.has_value()) << query.template_name << ": " << other.error().text();
      EXPECT_EQ(usual->hash, other->hash) << query.sql;
    }
  }
}

}  // namespace
}  // namespace hintd::database::demo
