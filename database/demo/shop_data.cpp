#include "database/demo/shop_data.h"

#include <cctype>
#include <cstdio>
#include <map>

#include "core/check.h"

namespace hintd::database::demo {
namespace {

std::string number(std::int64_t value) {
  return std::to_string(value);
}

std::string money(std::int64_t cents) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%02d", static_cast<long long>(cents / 100),
                static_cast<int>(cents % 100));
  return text;
}

std::string one_decimal(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string boolean(bool value) {
  return value ? "t" : "f";
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

Field reference(std::int64_t id) {
  return id == 0 ? Field{} : Field{number(id)};
}

const char* season_name(Season season) {
  constexpr const char* kNames[] = {"always", "christmas", "spring", "summer", "autumn", "winter"};
  return kNames[static_cast<int>(season)];
}

const std::string& root_name(int root) {
  return categories()[roots()[root].category_id - 1].name;
}

void country_rows(const ShopData&, const ShopSize&, const RowSink& sink) {
  int id = 0;
  for (const auto& country : countries()) {
    sink({number(++id), country.name, country.code, country.region, country.currency});
  }
}

void city_rows(const ShopData&, const ShopSize&, const RowSink& sink) {
  for (const auto& city : cities()) {
    sink({number(city.id), number(city.country_id), city.name, number(city.population)});
  }
}

void category_rows(const ShopData&, const ShopSize&, const RowSink& sink) {
  for (const auto& category : categories()) {
    sink({number(category.id), reference(category.parent_id), number(category.root_id),
          number(category.depth), category.name, lower(category.name) + "-" + number(category.id),
          season_name(category.season)});
  }
}

void brand_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  int id = 0;
  for (const auto& brand : data.catalogue().brands()) {
    const auto surname = last_names()[id % last_names().size()];
    ++id;
    sink({number(id), std::string(surname) + " " + root_name(brand.root) + " " + number(id),
          number(brand.country_id), brand.premium ? "premium" : "standard"});
  }
}

void supplier_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  int id = 0;
  for (const auto& supplier : data.catalogue().suppliers()) {
    ++id;
    sink({number(id), root_name(supplier.root) + " Supply " + number(id),
          number(supplier.country_id), one_decimal(supplier.rating)});
  }
}

void carrier_rows(const ShopData&, const ShopSize&, const RowSink& sink) {
  int id = 0;
  for (const auto name : carriers()) sink({number(++id), std::string(name)});
}

void warehouse_rows(const ShopData&, const ShopSize&, const RowSink& sink) {
  for (int id = 1; id <= kWarehouses; ++id) {
    const int country = warehouse_country(id);
    sink({number(id), countries()[country - 1].code + "-" + number(id), number(country)});
  }
}

void promotion_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  int id = 0;
  for (const auto& promotion : data.catalogue().promotions()) {
    ++id;
    sink({number(id), lower(root_name(promotion.root)) + "-" + number(id),
          number(roots()[promotion.root].category_id), date_text(promotion.starts),
          date_text(promotion.ends), number(promotion.discount_percent)});
  }
}

void product_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  int id = 0;
  for (const auto& product : data.catalogue().products()) {
    ++id;
    const std::string name = std::string(adjectives()[(id * 7) % adjectives().size()]) + " " +
                             categories()[product.category_id - 1].name + " " + number(id);
    sink({number(id), name, number(product.category_id), number(product.brand_id),
          number(product.supplier_id), money(product.price_cents), date_text(product.launched),
          product.discontinued ? "discontinued" : "active"});
  }
}

void inventory_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  const Rng rng = Rng(data.recipe().seed).split("inventory");
  int id = 0;
  for (const auto& product : data.catalogue().products()) {
    Rng own = rng.split(number(++id));
    // The big warehouses have most things, a small one has few.
    for (int warehouse = 1; warehouse <= kWarehouses; ++warehouse) {
      if (!own.chance(warehouse <= 6 ? 0.45 : 0.1)) continue;
      const bool empty = product.discontinued ? own.chance(0.9) : own.chance(0.03);
      const std::int64_t quantity =
          empty ? 0 : 1 + own.below(product.price_cents > 20'000 ? 40 : 400);
      sink({number(id), number(warehouse), number(quantity),
            number(product.price_cents > 20'000 ? 5 : 30),
            date_text(kShopEnd - own.between(1, 90) * kDay)});
    }
  }
}

void customer_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  for (std::int64_t id = 1; id <= data.people().count(); ++id) {
    const auto customer = data.people().customer(id);
    const auto first = first_names()[customer.first_name];
    const auto last = last_names()[customer.last_name];
    sink({number(id), lower(first) + "." + lower(last) + number(id) + "@example.com",
          std::string(first) + " " + std::string(last), number(customer.country_id),
          number(customer.city_id), customer.segment, date_text(customer.signed_up),
          number(customer.birth_year), boolean(customer.marketing_opt_in)});
  }
}

void address_rows(const ShopData& data, const ShopSize&, const RowSink& sink) {
  for (std::int64_t id = 1; id <= data.people().address_count(); ++id) {
    const auto owner = data.people().customer(data.people().address_owner(id));
    sink({number(id), number(owner.id), number(owner.city_id),
          countries()[owner.country_id - 1].code,
          number(1 + id % 199) + " " + std::string(last_names()[id % last_names().size()]) + " St",
          number(10'000 + owner.city_id * 100 + id % 100)});
  }
}

void order_rows(const ShopData& data, const ShopSize& size, const RowSink& sink) {
  for (std::int64_t id = 1; id <= size.orders; ++id) {
    const auto order = data.business().order(id);
    sink({number(id), number(order.customer_id), number(order.address_id),
          timestamp_text(order.ordered), order.status, order.channel, reference(order.promotion_id),
          money(order.total_cents)});
  }
}

void order_item_rows(const ShopData& data, const ShopSize& size, const RowSink& sink) {
  std::int64_t item_id = 0;
  for (std::int64_t id = 1; id <= size.orders; ++id) {
    for (const auto& item : data.business().order(id).items) {
      sink({number(++item_id), number(id), number(item.product_id), number(item.quantity),
            money(item.unit_price_cents)});
    }
  }
}

void payment_rows(const ShopData& data, const ShopSize& size, const RowSink& sink) {
  std::int64_t payment_id = 0;
  for (std::int64_t id = 1; id <= size.orders; ++id) {
    const auto order = data.business().order(id);
    for (const auto& payment : order.payments) {
      sink({number(++payment_id), number(id), payment.method, payment.status,
            money(order.total_cents), timestamp_text(payment.paid)});
    }
  }
}

void shipment_rows(const ShopData& data, const ShopSize& size, const RowSink& sink) {
  std::int64_t shipment_id = 0;
  for (std::int64_t id = 1; id <= size.orders; ++id) {
    const auto shipment = data.business().order(id).shipment;
    if (!shipment) continue;
    sink({number(++shipment_id), number(id), number(shipment->carrier_id),
          number(shipment->warehouse_id), shipment->status, timestamp_text(shipment->shipped),
          timestamp_text(shipment->promised),
          shipment->delivered ? Field{timestamp_text(*shipment->delivered)} : Field{}});
  }
}

void review_rows(const ShopData& data, const ShopSize& size, const RowSink& sink) {
  constexpr const char* kTitles[] = {"Never again", "Not good", "Does its job", "Good", "Love it"};
  for (std::int64_t id = 1; id <= size.reviews; ++id) {
    const auto review = data.business().review(id);
    sink({number(id), number(review.product_id), number(review.customer_id), number(review.rating),
          boolean(review.verified), timestamp_text(review.written), kTitles[review.rating - 1]});
  }
}

void event_rows(const ShopData& data, const ShopSize& size, const RowSink& sink) {
  for (std::int64_t id = 1; id <= size.events; ++id) {
    const auto event = data.business().event(id);
    sink({number(id), number(event.customer_id), number(event.product_id), event.kind,
          event.channel, timestamp_text(event.happened)});
  }
}

using RowSource = void (*)(const ShopData&, const ShopSize&, const RowSink&);

const std::map<std::string_view, RowSource>& sources() {
  static const std::map<std::string_view, RowSource> all = {
      {"countries", country_rows},    {"cities", city_rows},
      {"categories", category_rows},  {"brands", brand_rows},
      {"suppliers", supplier_rows},   {"carriers", carrier_rows},
      {"warehouses", warehouse_rows}, {"promotions", promotion_rows},
      {"products", product_rows},     {"inventory", inventory_rows},
      {"customers", customer_rows},   {"addresses", address_rows},
      {"orders", order_rows},         {"order_items", order_item_rows},
      {"payments", payment_rows},     {"shipments", shipment_rows},
      {"reviews", review_rows},       {"events", event_rows}};
  return all;
}

}  // namespace

ShopData::ShopData(ShopRecipe recipe)
    : recipe_(recipe),
      size_(shop_size(recipe.scale)),
      catalogue_(recipe),
      people_(recipe),
      business_(recipe, catalogue_, people_) {}

void ShopData::rows(std::string_view table, const RowSink& sink) const {
  const auto found = sources().find(table);
  HINTD_CHECK(found != sources().end(), "the shop has no such table");
  found->second(*this, size_, sink);
}

std::int64_t ShopData::expected_rows(std::string_view table) const {
  const std::map<std::string_view, std::int64_t> big = {{"products", size_.products},
                                                        {"inventory", size_.products * 41 / 10},
                                                        {"customers", size_.customers},
                                                        {"addresses", people_.address_count()},
                                                        {"orders", size_.orders},
                                                        {"order_items", size_.orders * 23 / 10},
                                                        {"payments", size_.orders * 107 / 100},
                                                        {"shipments", size_.orders * 97 / 100},
                                                        {"reviews", size_.reviews},
                                                        {"events", size_.events}};
  const auto found = big.find(table);
  return found == big.end() ? 0 : found->second;
}

}  // namespace hintd::database::demo
