#include "database/demo/shop_size.h"

#include <algorithm>
#include <cmath>

namespace hintd::database::demo {

ShopSize shop_size(double scale) {
  const auto scaled = [&](double rows) { return std::llround(rows * scale); };
  // What a shop has few of grows with the root of its business.
  const auto few = [&](double rows) {
    return std::max(40LL, std::llround(rows * std::sqrt(scale)));
  };
  return {.brands = few(900),
          .suppliers = few(1300),
          .promotions = few(260),
          .products = std::max(600LL, scaled(60'000)),
          .customers = scaled(400'000),
          .orders = scaled(1'250'000),
          .reviews = scaled(450'000),
          .events = scaled(1'900'000)};
}

}  // namespace hintd::database::demo
