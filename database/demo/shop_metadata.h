// What the shop's own small table remembers about its loading.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "database/demo/shop_size.h"

namespace pqxx {
class transaction_base;
}

namespace hintd::database::demo {

inline constexpr std::string_view kMetadataTable = "hintd_shop";

struct ShopMetadata {
  ShopRecipe recipe;
  bool complete = false;
  std::map<std::string, std::int64_t> rows;  // by table, of those loaded
};

// Nothing when the database has no such table, or an empty one.
std::optional<ShopMetadata> read_metadata(pqxx::transaction_base& transaction);
void create_metadata(pqxx::transaction_base& transaction, const ShopRecipe& recipe);
void record_rows(pqxx::transaction_base& transaction, std::string_view table, std::int64_t rows);
void record_complete(pqxx::transaction_base& transaction);

}  // namespace hintd::database::demo
