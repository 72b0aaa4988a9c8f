// How many rows the demo shop has at a scale; scale 1 is about ten million in all.
#pragma once

#include <cstdint>

#include "database/demo/shop_config.h"

namespace hintd::database::demo {

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
