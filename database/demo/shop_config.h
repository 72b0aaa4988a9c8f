#pragma once

#include <cstdint>

namespace hintd::database::demo {

// What the data depends on, and nothing else does: the same recipe gives the same rows everywhere.
struct ShopRecipe {
  double scale = 0.15;  // 0.01 to 100; 1 is about 10 million rows
  std::uint64_t seed = 1;
  bool operator==(const ShopRecipe&) const = default;
};

}  // namespace hintd::database::demo
