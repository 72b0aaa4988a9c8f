#include "database/demo/shop_people.h"

#include <algorithm>
#include <cmath>

#include "database/demo/shop_vocabulary.h"

namespace hintd::database::demo {
namespace {

// The share of customers who were there before the first day.
constexpr double kOldCustomers = 0.3;

// Each takes some of the orders for one customer in so many: a discrete power law.
struct Heavy {
  std::int64_t one_in;
  double order_share;
  const char* segment;
};
constexpr Heavy kHeavy[] = {{4096, 0.04, "reseller"}, {512, 0.08, "business"}, {64, 0.16, "vip"}};

Discrete country_shares() {
  std::vector<double> weights;
  for (const auto& country : countries()) weights.push_back(country.customer_share);
  return Discrete(weights);
}

const char* segment_of(std::int64_t id) {
  for (const auto& heavy : kHeavy) {
    if (id % heavy.one_in == 0) return heavy.segment;
  }
  return "consumer";
}

}  // namespace

People::People(ShopRecipe recipe)
    : count_(shop_size(recipe.scale).customers),
      seed_(Rng(recipe.seed).split("customers").next()),
      country_(country_shares()) {
  int first = 1;
  for (const auto& country : countries()) {
    std::vector<double> weights;
    for (std::size_t rank = 1; rank <= country.cities.size(); ++rank) {
      weights.push_back(1.0 / std::pow(rank, 1.2));
    }
    city_.emplace_back(weights);
    first_city_.push_back(first);
    first += static_cast<int>(weights.size());
  }
}

Customer People::customer(std::int64_t id) const {
  Rng rng(hash_combine(seed_, id));
  Customer customer{.id = id, .segment = segment_of(id)};
  const std::size_t country = country_.draw(rng);
  customer.country_id = static_cast<int>(country) + 1;
  customer.city_id = first_city_[country] + static_cast<int>(city_[country].draw(rng));
  const double position = static_cast<double>(id - 1) / static_cast<double>(count_);
  customer.signed_up = position < kOldCustomers
                           ? static_cast<Moment>((position / kOldCustomers - 1) * 1'200 * kDay)
                           : calendar_.moment_at((position - kOldCustomers) / (1 - kOldCustomers));
  customer.birth_year = static_cast<int>(rng.between(1945, 2005));
  customer.marketing_opt_in = rng.chance(0.4);
  customer.first_name = rng.below(first_names().size());
  customer.last_name = rng.below(last_names().size());
  return customer;
}

std::int64_t People::draw_customer(Rng& rng, double share) const {
  const auto signed_up = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(count_ * (kOldCustomers + (1 - kOldCustomers) * share)));
  if (rng.chance(0.12)) {
    // Who has just signed up orders soon.
    const auto newest = static_cast<std::int64_t>(signed_up * 0.01 * rng.uniform());
    return std::max<std::int64_t>(1, signed_up - newest);
  }
  const std::int64_t anyone = 1 + static_cast<std::int64_t>(rng.below(signed_up));
  double pick = rng.uniform();
  for (const auto& heavy : kHeavy) {
    if (pick < heavy.order_share && signed_up >= heavy.one_in) {
      return std::max(heavy.one_in, anyone - anyone % heavy.one_in);
    }
    pick -= heavy.order_share;
  }
  return anyone;
}

std::int64_t People::address_owner(std::int64_t address_id) const {
  return address_id <= count_ ? address_id : (address_id - count_) * 4;
}

std::int64_t People::draw_address(Rng& rng, std::int64_t customer_id) const {
  const bool second = customer_id % 4 == 0 && rng.chance(0.3);
  return second ? count_ + customer_id / 4 : customer_id;
}

}  // namespace hintd::database::demo
