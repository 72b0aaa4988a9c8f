#include <gtest/gtest.h>

#include <map>
#include <set>

#include "database/demo/shop_data.h"
#include "database/demo/shop_schema.h"

namespace hintd::database::demo {
namespace {

constexpr ShopRecipe kSmall{.scale = 0.01, .seed = 7};

std::uint64_t checksum(const ShopData& data, std::string_view table) {
  std::uint64_t sum = 0;
  data.rows(table, [&](const Row& row) {
    for (const auto& field : row) sum = hash_combine(sum, stable_hash(field.value_or("\\N")));
  });
  return sum;
}

std::int64_t count(const ShopData& data, std::string_view table) {
  std::int64_t rows = 0;
  data.rows(table, [&](const Row&) { ++rows; });
  return rows;
}

std::size_t columns(const Table& table) {
  // A column's type may have a comma of its own: numeric(10,2).
  std::size_t commas = 0;
  int depth = 0;
  for (const char c : table.columns) {
    depth += (c == '(') - (c == ')');
    commas += c == ',' && depth == 0;
  }
  return commas + 1;
}

TEST(ShopDataTest, TheSameRecipeGivesTheSameRows) {
  const ShopData one(kSmall);
  const ShopData other(kSmall);
  for (const auto& table : shop_tables()) {
    EXPECT_EQ(checksum(one, table.name), checksum(other, table.name)) << table.name;
  }
}

TEST(ShopDataTest, TheRowsAreTheSameOnEveryMachine) {
  const ShopData data(kSmall);
  std::uint64_t sum = 0;
  for (const auto& table : shop_tables()) sum = hash_combine(sum, checksum(data, table.name));
  EXPECT_EQ(sum, 773035135761009276u);
}

TEST(ShopDataTest, AnotherSeedGivesOtherOrders) {
  EXPECT_NE(checksum(ShopData(kSmall), "orders"),
            checksum(ShopData({.scale = 0.01, .seed = 8}), "orders"));
}

TEST(ShopDataTest, EveryRowHasAFieldForEachColumn) {
  const ShopData data(kSmall);
  for (const auto& table : shop_tables()) {
    data.rows(table.name,
              [&](const Row& row) { ASSERT_EQ(row.size(), columns(table)) << table.name; });
  }
}

TEST(ShopDataTest, KeysAreDenseFromOne) {
  const ShopData data(kSmall);
  for (const std::string_view table : {"orders", "order_items", "events", "reviews", "products"}) {
    std::int64_t expected = 0;
    data.rows(table, [&](const Row& row) { ASSERT_EQ(row[0], std::to_string(++expected)); });
  }
}

TEST(ShopDataTest, ScaleOneIsAboutTenMillionRows) {
  const ShopData data({.scale = 1, .seed = 1});
  std::int64_t sum = 0;
  for (const auto& table : shop_tables()) sum += data.expected_rows(table.name);
  EXPECT_GT(sum, 9'500'000);
  EXPECT_LT(sum, 10'500'000);
}

TEST(ShopDataTest, TheExpectedRowsAreNearTheRealOnes) {
  const ShopData data(kSmall);
  for (const std::string_view table :
       {"inventory", "addresses", "orders", "order_items", "payments", "shipments"}) {
    const auto expected = static_cast<double>(data.expected_rows(table));
    EXPECT_NEAR(static_cast<double>(count(data, table)), expected, 0.1 * expected) << table;
  }
}

TEST(ShopDataTest, AFewHeavyCustomersOrderMuch) {
  const ShopData data(kSmall);
  std::map<std::int64_t, int> orders;
  const auto size = shop_size(kSmall.scale);
  for (std::int64_t id = 1; id <= size.orders; ++id)
    ++orders[data.business().order(id).customer_id];
  std::int64_t of_business = 0;
  for (const auto& [customer, number] : orders) of_business += customer % 64 == 0 ? number : 0;
  EXPECT_GT(static_cast<double>(of_business) / size.orders, 0.15);
}

TEST(ShopDataTest, NobodyOrdersBeforeSigningUp) {
  const ShopData data(kSmall);
  for (std::int64_t id = 1; id <= shop_size(kSmall.scale).orders; ++id) {
    const auto order = data.business().order(id);
    // The day may be the same.
    ASSERT_LE(data.people().customer(order.customer_id).signed_up, order.ordered + kDay) << id;
  }
}

TEST(ShopDataTest, ACountryBuysItsFavouriteRootMoreThanOthersDo) {
  const ShopData data({.scale = 0.02, .seed = 3});
  const int germany = country_id("DE");
  const int home = 2;  // position of root category Home
  std::map<bool, std::pair<double, double>> home_and_all;
  for (std::int64_t id = 1; id <= shop_size(0.02).orders; ++id) {
    const auto order = data.business().order(id);
    const bool german = data.people().customer(order.customer_id).country_id == germany;
    auto& [liked, all] = home_and_all[german];
    for (const auto& item : order.items) {
      liked += data.catalogue().product(item.product_id).root == home;
      all += 1;
    }
  }
  const double in_germany = home_and_all[true].first / home_and_all[true].second;
  const double elsewhere = home_and_all[false].first / home_and_all[false].second;
  EXPECT_GT(in_germany, 2 * elsewhere);
}

TEST(ShopDataTest, ChristmasLightsSellBeforeChristmas) {
  const ShopData data({.scale = 0.05, .seed = 3});
  int winter = 0;
  int all = 0;
  for (std::int64_t id = 1; id <= shop_size(0.05).orders; ++id) {
    const auto order = data.business().order(id);
    for (const auto& item : order.items) {
      const auto& product = data.catalogue().product(item.product_id);
      if (categories()[product.category_id - 1].name != "Christmas Lights") continue;
      ++all;
      winter += month_of(order.ordered) >= 10;
    }
  }
  ASSERT_GT(all, 50);
  EXPECT_GT(winter, 0.8 * all);
}

TEST(ShopDataTest, OpenOrdersAreRecent) {
  const ShopData data(kSmall);
  for (std::int64_t id = 1; id <= shop_size(kSmall.scale).orders; ++id) {
    const auto order = data.business().order(id);
    if (std::string_view(order.status) == "pending") {
      ASSERT_LT(kShopEnd - order.ordered, 3 * kDay);
    }
  }
}

TEST(ShopDataTest, ASuppliersRootIsItsProductsRoot) {
  const Catalogue catalogue(kSmall);
  for (const auto& product : catalogue.products()) {
    EXPECT_EQ(catalogue.suppliers()[product.supplier_id - 1].root, product.root);
    EXPECT_EQ(catalogue.brands()[product.brand_id - 1].root, product.root);
  }
}

TEST(ShopVocabularyTest, LeafNamesAreUnique) {
  std::set<std::string> names;
  for (const auto& category : categories()) {
    EXPECT_TRUE(names.insert(category.name).second) << category.name;
  }
}

TEST(ShopSchemaTest, EveryForeignKeyHasAnIndex) {
  std::set<std::string> indexed;
  for (const auto& index : shop_indexes()) indexed.insert(index_name(index));
  for (const auto& key : shop_foreign_keys()) {
    // The primary key of inventory begins with its product.
    if (key.table == "inventory" && key.column == "product_id") continue;
    EXPECT_TRUE(indexed.contains(index_name({key.table, key.column}))) << foreign_key_name(key);
  }
}

}  // namespace
}  // namespace hintd::database::demo
