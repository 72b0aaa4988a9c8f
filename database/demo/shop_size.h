// How many rows the demo shop has at a scale; scale 1 is about ten million in all.
#pragma once

#include <cstdint>

namespace hintd::database::demo {

// What the data depends on, and nothing else does: the same recipe gives the same rows everywhere.
struct ShopRecipe {
  double scale = 0.2;  // 0.01 to 100; 1 is about 10 million rows
  std::uint64_t seed = 1;
  bool operator==(const ShopRecipe&) const = default;
};

struct ShopSize {
  std::int64_t brands = 0;
  std::int64_t suppliers = 0;
  std::int64_t promotions = 0;
  std::int64_t products = 0;
  std::int64_t customers = 0;
  std::int64_t orders = 0;
  std::int64_t reviews = 0;
  std::int64_t events = 0;
};

ShopSize shop_size(double scale);

}  // namespace hintd::database::demo
