#include "database/demo/shop_schema.h"

#include <algorithm>

#include "core/check.h"

namespace hintd::database::demo {
namespace {

constexpr Table kTables[] = {
    {"countries", "country_id int, name text, code text, region text, currency text", "country_id"},
    {"cities", "city_id int, country_id int, name text, population int", "city_id"},
    {"categories",
     "category_id int, parent_id int, root_id int, depth int, name text, slug text, season text",
     "category_id"},
    {"brands", "brand_id int, name text, country_id int, tier text", "brand_id"},
    {"suppliers", "supplier_id int, name text, country_id int, rating numeric(2,1)", "supplier_id"},
    {"carriers", "carrier_id int, name text", "carrier_id"},
    {"warehouses", "warehouse_id int, name text, country_id int", "warehouse_id"},
    {"promotions",
     "promotion_id int, code text, category_id int, starts_on date, ends_on date, "
     "discount_percent int",
     "promotion_id"},
    {"products",
     "product_id int, name text, category_id int, brand_id int, supplier_id int, "
     "price numeric(10,2), launched_on date, status text",
     "product_id"},
    {"inventory",
     "product_id int, warehouse_id int, quantity int, reorder_level int, counted_on date",
     "product_id, warehouse_id"},
    {"customers",
     "customer_id int, email text, full_name text, country_id int, city_id int, segment text, "
     "signed_up_on date, birth_year int, marketing_opt_in boolean",
     "customer_id"},
    {"addresses",
     "address_id int, customer_id int, city_id int, country_code text, street text, "
     "postal_code text",
     "address_id"},
    {"orders",
     "order_id int, customer_id int, address_id int, ordered_at timestamp, status text, "
     "channel text, promotion_id int, total_amount numeric(12,2)",
     "order_id"},
    {"order_items",
     "order_item_id int, order_id int, product_id int, quantity int, unit_price numeric(10,2)",
     "order_item_id"},
    {"payments",
     "payment_id int, order_id int, method text, status text, amount numeric(12,2), "
     "paid_at timestamp",
     "payment_id"},
    {"shipments",
     "shipment_id int, order_id int, carrier_id int, warehouse_id int, status text, "
     "shipped_at timestamp, promised_at timestamp, delivered_at timestamp",
     "shipment_id"},
    {"reviews",
     "review_id int, product_id int, customer_id int, rating int, verified boolean, "
     "written_at timestamp, title text",
     "review_id"},
    {"events",
     "event_id int, customer_id int, product_id int, kind text, channel text, "
     "happened_at timestamp",
     "event_id"},
};

constexpr ForeignKey kForeignKeys[] = {
    {"cities", "country_id", "countries"},       {"categories", "parent_id", "categories"},
    {"categories", "root_id", "categories"},     {"brands", "country_id", "countries"},
    {"suppliers", "country_id", "countries"},    {"warehouses", "country_id", "countries"},
    {"promotions", "category_id", "categories"}, {"products", "category_id", "categories"},
    {"products", "brand_id", "brands"},          {"products", "supplier_id", "suppliers"},
    {"inventory", "product_id", "products"},     {"inventory", "warehouse_id", "warehouses"},
    {"customers", "country_id", "countries"},    {"customers", "city_id", "cities"},
    {"addresses", "customer_id", "customers"},   {"addresses", "city_id", "cities"},
    {"orders", "customer_id", "customers"},      {"orders", "address_id", "addresses"},
    {"orders", "promotion_id", "promotions"},    {"order_items", "order_id", "orders"},
    {"order_items", "product_id", "products"},   {"payments", "order_id", "orders"},
    {"shipments", "order_id", "orders"},         {"shipments", "carrier_id", "carriers"},
    {"shipments", "warehouse_id", "warehouses"}, {"reviews", "product_id", "products"},
    {"reviews", "customer_id", "customers"},     {"events", "product_id", "products"},
    {"events", "customer_id", "customers"},
};

constexpr Index kIndexes[] = {
    {"cities", "country_id"},      {"categories", "parent_id"},   {"categories", "root_id"},
    {"brands", "country_id"},      {"suppliers", "country_id"},   {"warehouses", "country_id"},
    {"promotions", "category_id"}, {"products", "category_id"},   {"products", "brand_id"},
    {"products", "supplier_id"},   {"inventory", "warehouse_id"}, {"customers", "country_id"},
    {"customers", "city_id"},      {"customers", "email"},        {"customers", "signed_up_on"},
    {"addresses", "customer_id"},  {"addresses", "city_id"},      {"orders", "customer_id"},
    {"orders", "address_id"},      {"orders", "promotion_id"},    {"orders", "ordered_at"},
    {"orders", "status"},          {"order_items", "order_id"},   {"order_items", "product_id"},
    {"payments", "order_id"},      {"payments", "status"},        {"payments", "paid_at"},
    {"shipments", "order_id"},     {"shipments", "carrier_id"},   {"shipments", "warehouse_id"},
    {"shipments", "shipped_at"},   {"shipments", "status"},       {"reviews", "product_id"},
    {"reviews", "customer_id"},    {"reviews", "written_at"},     {"events", "product_id"},
    {"events", "customer_id"},     {"events", "happened_at"},
};

const Table& table_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kTables), std::end(kTables),
                                  [&](const Table& table) { return table.name == name; });
  HINTD_CHECK(found != std::end(kTables), "a foreign key names an unknown table");
  return *found;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  return text;
}

}  // namespace

std::span<const Table> shop_tables() {
  return kTables;
}

std::span<const ForeignKey> shop_foreign_keys() {
  return kForeignKeys;
}

std::span<const Index> shop_indexes() {
  return kIndexes;
}

std::string create_table(const Table& table) {
  return joined({"CREATE TABLE ", table.name, " (", table.columns, ")"});
}

std::string add_primary_key(const Table& table) {
  return joined({"ALTER TABLE ", table.name, " ADD PRIMARY KEY (", table.primary_key, ")"});
}

std::string add_foreign_key(const ForeignKey& key) {
  return joined({"ALTER TABLE ", key.table, " ADD CONSTRAINT ", foreign_key_name(key),
                 " FOREIGN KEY (", key.column, ") REFERENCES ", key.references, " (",
                 table_named(key.references).primary_key, ")"});
}

std::string create_index(const Index& index) {
  return joined(
      {"CREATE INDEX ", index_name(index), " ON ", index.table, " (", index.columns, ")"});
}

std::string index_name(const Index& index) {
  return joined({index.table, "_", index.columns, "_idx"});
}

std::string foreign_key_name(const ForeignKey& key) {
  return joined({key.table, "_", key.column, "_fkey"});
}

}  // namespace hintd::database::demo
