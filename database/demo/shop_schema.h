// The demo shop's tables, keys and indexes, as data.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hintd::database::demo {

struct Table {
  std::string_view name;
  std::string_view columns;      // as in CREATE TABLE
  std::string_view primary_key;  // "order_id"
};

struct ForeignKey {
  std::string_view table;
  std::string_view column;
  std::string_view references;  // a table; its primary key
};

struct Index {
  std::string_view table;
  std::string_view columns;  // "ordered_at"
};

// In an order in which every table comes after those that it refers to.
std::span<const Table> shop_tables();
std::span<const ForeignKey> shop_foreign_keys();
// Beside the primary keys: every foreign key and the obvious filters.
std::span<const Index> shop_indexes();

std::string create_table(const Table& table);
std::string add_primary_key(const Table& table);
std::string add_foreign_key(const ForeignKey& key);
std::string create_index(const Index& index);
std::string index_name(const Index& index);
std::string foreign_key_name(const ForeignKey& key);

}  // namespace hintd::database::demo
