// The demo shop's business: orders with their items, payments and shipment, reviews and events.
// Each is a pure function of recipe and id; ids ascend with time.
#pragma once

#include <optional>
#include <vector>

#include "database/demo/shop_catalogue.h"
#include "database/demo/shop_people.h"

namespace hintd::database::demo {

struct OrderItem {
  int product_id = 0;
  int quantity = 0;
  int unit_price_cents = 0;
};

struct Payment {
  const char* method = "";
  const char* status = "";
  Moment paid = 0;
};

struct Shipment {
  int carrier_id = 0;
  int warehouse_id = 0;
  const char* status = "";
  Moment shipped = 0;
  Moment promised = 0;
  std::optional<Moment> delivered = {};
};

struct Order {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::int64_t address_id = 0;
  Moment ordered = 0;
  const char* status = "";
  const char* channel = "";
  int promotion_id = 0;  // 0: none
  std::int64_t total_cents = 0;
  std::vector<OrderItem> items = {};
  std::vector<Payment> payments = {};
  std::optional<Shipment> shipment = {};
};

struct Review {
  int product_id = 0;
  std::int64_t customer_id = 0;
  int rating = 0;
  bool verified = false;
  Moment written = 0;
};

struct Event {
  std::int64_t customer_id = 0;
  int product_id = 0;
  const char* kind = "";
  const char* channel = "";
  Moment happened = 0;
};

constexpr int kWarehouses = 20;
// Where a warehouse stands.
int warehouse_country(int warehouse_id);

// Borrows the catalogue and the people; immutable.
class Business {
 public:
  Business(ShopRecipe recipe, const Catalogue& catalogue, const People& people);

  Order order(std::int64_t id) const;
  Review review(std::int64_t id) const;
  Event event(std::int64_t id) const;

 private:
  void fill_basket(Rng& rng, int country_id, Order& order) const;
  void choose_status(Rng& rng, Order& order) const;
  void pay(Rng& rng, const Country& country, Order& order) const;
  void ship(Rng& rng, const Country& country, int country_id, Order& order) const;

  ShopSize size_;
  std::uint64_t seed_;
  const Catalogue& catalogue_;
  const People& people_;
  BusinessCalendar calendar_;
};

}  // namespace hintd::database::demo
