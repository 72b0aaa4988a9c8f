// The rows of every table of the demo shop, in the order of their ids: the same for the same recipe
// on every machine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/demo/shop_orders.h"

namespace hintd::database::demo {

using Field = std::optional<std::string>;  // nothing is NULL
using Row = std::vector<Field>;            // in the order of the table's columns
using RowSink = std::function<void(const Row&)>;

// Immutable. Holds the catalogue in memory (about 50 bytes a product), streams all else.
class ShopData {
 public:
  explicit ShopData(ShopRecipe recipe);
  // The Business borrows the other members.
  ShopData(const ShopData&) = delete;
  ShopData& operator=(const ShopData&) = delete;

  // Hands every row of a table of shop_tables() to the sink.
  void rows(std::string_view table, const RowSink& sink) const;

  // About how many rows the table has, for showing progress.
  std::int64_t expected_rows(std::string_view table) const;

  ShopRecipe recipe() const { return recipe_; }
  const Catalogue& catalogue() const { return catalogue_; }
  const People& people() const { return people_; }
  const Business& business() const { return business_; }

 private:
  ShopRecipe recipe_;
  ShopSize size_;
  Catalogue catalogue_;
  People people_;
  Business business_;
};

}  // namespace hintd::database::demo
