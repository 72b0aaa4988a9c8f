// The demo shop's customers and their addresses. Each customer is a pure function of recipe and id,
// so none is kept in memory. Ids ascend with the sign-up date.
#pragma once

#include "database/demo/discrete.h"
#include "database/demo/shop_calendar.h"
#include "database/demo/shop_size.h"

namespace hintd::database::demo {

struct Customer {
  std::int64_t id = 0;
  int country_id = 0;
  int city_id = 0;
  Moment signed_up = 0;
  const char* segment = "";
  int birth_year = 0;
  bool marketing_opt_in = false;
  std::size_t first_name = 0;
  std::size_t last_name = 0;
};

// Immutable.
class People {
 public:
  explicit People(ShopRecipe recipe);

  std::int64_t count() const { return count_; }
  Customer customer(std::int64_t id) const;

  // Who buys when the given share, in [0, 1), of all business is done: somebody who has signed up,
  // often a heavy customer, sometimes a brand-new one.
  std::int64_t draw_customer(Rng& rng, double share) const;

  // Address ids 1..count() are the customers' own; every fourth customer has a second one after
  // them.
  std::int64_t address_count() const { return count_ + count_ / 4; }
  std::int64_t address_owner(std::int64_t address_id) const;
  std::int64_t draw_address(Rng& rng, std::int64_t customer_id) const;

 private:
  std::int64_t count_;
  std::uint64_t seed_;
  BusinessCalendar calendar_;
  Discrete country_;
  std::vector<Discrete> city_;   // by country position
  std::vector<int> first_city_;  // by country position
};

}  // namespace hintd::database::demo
