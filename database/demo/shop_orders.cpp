#include "database/demo/shop_orders.h"

#include <algorithm>
#include <cmath>

namespace hintd::database::demo {
namespace {

// How far an id is into the whole, in [0, 1).
double share_of(std::int64_t id, std::int64_t count) {
  return (static_cast<double>(id) - 0.5) / static_cast<double>(count);
}

const char* draw_channel(Rng& rng, Moment when) {
  // The app takes over from the web.
  const double app = 0.15 + 0.4 * static_cast<double>(when) / kShopEnd;
  if (rng.chance(app)) return "app";
  return rng.chance(0.85) ? "web" : rng.chance(0.9) ? "marketplace" : "phone";
}

const char* draw_event_kind(Rng& rng) {
  const double pick = rng.uniform();
  if (pick < 0.74) return "view";
  if (pick < 0.90) return "cart";
  if (pick < 0.95) return "wishlist";
  return pick < 0.997 ? "purchase" : "complaint";
}

}  // namespace

int warehouse_country(int warehouse_id) {
  constexpr const char* kCodes[kWarehouses] = {"US", "US", "US", "US", "DE", "DE", "GB",
                                               "FR", "JP", "BR", "CA", "IT", "ES", "AU",
                                               "NL", "IN", "MX", "PL", "SE", "CH"};
  return country_id(kCodes[warehouse_id - 1]);
}

Business::Business(ShopRecipe recipe, const Catalogue& catalogue, const People& people)
    : size_(shop_size(recipe.scale)), seed_(recipe.seed), catalogue_(catalogue), people_(people) {}

Order Business::order(std::int64_t id) const {
  Rng rng(hash_combine(hash_combine(seed_, 0x0d), id));
  const double share = share_of(id, size_.orders);
  Order order{.id = id, .ordered = calendar_.moment_at(share)};
  order.customer_id = people_.draw_customer(rng, share);
  order.address_id = people_.draw_address(rng, order.customer_id);
  order.channel = draw_channel(rng, order.ordered);
  const int country_id = people_.customer(order.customer_id).country_id;
  const auto& country = countries()[country_id - 1];
  fill_basket(rng, country_id, order);
  choose_status(rng, order);
  pay(rng, country, order);
  ship(rng, country, country_id, order);
  return order;
}

void Business::fill_basket(Rng& rng, int country_id, Order& order) const {
  const int count = 1 + static_cast<int>(4.8 * rng.uniform() * rng.uniform() + rng.uniform());
  int leaf = catalogue_.draw_leaf(rng, country_id, order.ordered);
  for (int i = 0; i < count; ++i) {
    // A basket is about one thing, mostly.
    if (i > 0 && rng.chance(0.5)) leaf = catalogue_.draw_leaf(rng, country_id, order.ordered);
    OrderItem item{.product_id = catalogue_.draw_product(rng, leaf, order.ordered)};
    const auto& product = catalogue_.product(item.product_id);
    if (i == 0) order.promotion_id = catalogue_.draw_promotion(rng, product.root, order.ordered);
    const int discount = order.promotion_id == 0
                             ? 0
                             : catalogue_.promotions()[order.promotion_id - 1].discount_percent;
    item.quantity = product.price_cents < 2'000 ? static_cast<int>(rng.between(1, 5)) : 1;
    item.unit_price_cents = product.price_cents * (100 - discount) / 100;
    order.total_cents += static_cast<std::int64_t>(item.quantity) * item.unit_price_cents;
    order.items.push_back(item);
  }
}

void Business::choose_status(Rng& rng, Order& order) const {
  const auto age_days = static_cast<double>(kShopEnd - order.ordered) / kDay;
  const bool fashion = catalogue_.product(order.items.front().product_id).root == 1;
  if (rng.chance(0.03)) {
    order.status = "cancelled";
  } else if (age_days < 2 && rng.chance(0.7)) {
    order.status = rng.chance(0.5) ? "pending" : "processing";
  } else if (age_days < 9 && rng.chance(0.8)) {
    order.status = "shipped";
  } else if (age_days > 14 && rng.chance(fashion ? 0.14 : 0.02)) {
    order.status = "returned";
  } else if (age_days > 20 && rng.chance(0.0006)) {
    // Forgotten: the rare case that somebody looks for.
    order.status = "processing";
  } else {
    order.status = "delivered";
  }
}

void Business::pay(Rng& rng, const Country& country, Order& order) const {
  const char* method = rng.chance(0.7)    ? country.payment_method.c_str()
                       : rng.chance(0.6)  ? "paypal"
                       : rng.chance(0.95) ? "card"
                                          : "gift card";
  Moment paid = order.ordered + rng.between(5, 900);
  // Some methods fail often, and what costs much fails more.
  const bool shaky = country.payment_method == "boleto" || country.payment_method == "cash";
  const double failure = (shaky ? 0.2 : 0.025) + (order.total_cents > 50'000 ? 0.04 : 0);
  if (rng.chance(failure)) {
    order.payments.push_back({method, "failed", paid});
    paid += rng.between(60, 2 * kDay);
  }
  const std::string_view status = order.status;
  order.payments.push_back({method,
                            status == "returned"    ? "refunded"
                            : status == "cancelled" ? "voided"
                            : status == "pending"   ? "authorized"
                                                    : "captured",
                            paid});
}

void Business::ship(Rng& rng, const Country& country, int country_id, Order& order) const {
  const std::string_view status = order.status;
  if (status == "cancelled" || status == "pending" || status == "processing") return;
  Shipment shipment;
  shipment.carrier_id = rng.chance(0.75) ? carrier_id(country.carrier)
                                         : 1 + static_cast<int>(rng.below(carriers().size()));
  // From a warehouse in the country where there is one, else from a big one.
  int home = 0;
  for (int id = 1; id <= kWarehouses && home == 0; ++id) {
    if (warehouse_country(id) == country_id && (country_id > 2 || rng.chance(0.45))) home = id;
  }
  shipment.warehouse_id = home != 0 && rng.chance(0.9) ? home : 1 + static_cast<int>(rng.below(6));
  shipment.shipped = order.ordered + rng.between(4 * kHour, 60 * kHour);
  shipment.promised = shipment.shipped + rng.between(3, 6) * kDay;
  const bool overseas = warehouse_country(shipment.warehouse_id) != country_id;
  const bool late = rng.chance(overseas ? 0.12 : shipment.carrier_id == 14 ? 0.08 : 0.01);
  const Moment delivered =
      late ? shipment.promised + rng.between(kDay, 12 * kDay)
           : shipment.shipped + rng.between(kDay, shipment.promised - shipment.shipped);
  if (rng.chance(0.002)) {
    shipment.status = "lost";
  } else if (status == "shipped") {
    shipment.status = "in transit";
  } else {
    shipment.status = status == "returned" ? "returned" : "delivered";
    shipment.delivered = delivered;
  }
  order.shipment = shipment;
}

Review Business::review(std::int64_t id) const {
  Rng rng(hash_combine(hash_combine(seed_, 0x4e), id));
  const double share = share_of(id, size_.reviews);
  Review review{.written = calendar_.moment_at(share)};
  review.customer_id = people_.draw_customer(rng, share);
  const int country_id = people_.customer(review.customer_id).country_id;
  const int leaf = catalogue_.draw_leaf(rng, country_id, review.written);
  review.product_id = catalogue_.draw_product(rng, leaf, review.written);
  const auto& brand = catalogue_.brands()[catalogue_.product(review.product_id).brand_id - 1];
  review.rating =
      static_cast<int>(std::clamp(std::lround(brand.quality + 1.1 * rng.normal()), 1L, 5L));
  review.verified = rng.chance(0.8);
  return review;
}

Event Business::event(std::int64_t id) const {
  Rng rng(hash_combine(hash_combine(seed_, 0xe7), id));
  const double share = share_of(id, size_.events);
  Event event{.kind = draw_event_kind(rng), .happened = calendar_.moment_at(share)};
  event.customer_id = people_.draw_customer(rng, share);
  const int country_id = people_.customer(event.customer_id).country_id;
  const int leaf = catalogue_.draw_leaf(rng, country_id, event.happened);
  event.product_id = catalogue_.draw_product(rng, leaf, event.happened);
  event.channel = draw_channel(rng, event.happened);
  return event;
}

}  // namespace hintd::database::demo
