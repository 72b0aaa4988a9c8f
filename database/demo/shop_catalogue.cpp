#include "database/demo/shop_catalogue.h"

#include <algorithm>
#include <cmath>

namespace hintd::database::demo {
namespace {

constexpr double kFavouriteFactor = 5;

int root_position(int root_category_id) {
  const auto& all = roots();
  return static_cast<int>(
      std::find_if(all.begin(), all.end(),
                   [&](const Root& root) { return root.category_id == root_category_id; }) -
      all.begin());
}

const Category& category(int id) {
  return categories()[id - 1];
}

// The favourite root category of a country, as a position in roots(), by country id.
const std::vector<int>& favourite_roots() {
  static const auto all = [] {
    std::vector<int> list{-1};
    for (const auto& country : countries()) {
      const auto found = std::find_if(roots().begin(), roots().end(), [&](const Root& root) {
        return category(root.category_id).name == country.favourite_root;
      });
      HINTD_CHECK(found != roots().end(), "a country's favourite root category does not exist");
      list.push_back(static_cast<int>(found - roots().begin()));
    }
    return list;
  }();
  return all;
}

// A power law over positions: the first is the most popular.
std::size_t popular(Rng& rng, std::size_t n) {
  const double share = rng.uniform();
  // share to the power 2.5, by operations that round alike everywhere.
  return static_cast<std::size_t>(static_cast<double>(n) * share * share * std::sqrt(share));
}

}  // namespace

Catalogue::Catalogue(ShopRecipe recipe)
    : size_(shop_size(recipe.scale)),
      brands_of_root_(roots().size()),
      suppliers_of_root_(roots().size()),
      promotions_of_root_(roots().size()),
      products_of_leaf_(categories().size() + 1) {
  for (const auto& category : categories()) {
    if (category.depth == 2) leaves_.push_back(category.id);
  }
  const Rng rng(recipe.seed);
  make_brands(rng.split("brands"));
  make_suppliers(rng.split("suppliers"));
  make_promotions(rng.split("promotions"));
  make_products(rng.split("products"));
  make_demand();
}

void Catalogue::make_brands(Rng rng) {
  for (std::int64_t id = 1; id <= size_.brands; ++id) {
    const int root = static_cast<int>((id - 1) % roots().size());
    const auto& homes = roots()[root].supplier_countries;
    const bool premium = rng.chance(0.2);
    brands_.push_back({.root = root,
                       .country_id = homes[rng.below(homes.size())],
                       .premium = premium,
                       .quality = (premium ? 4.3 : 3.8) + rng.uniform(-0.6, 0.6)});
    brands_of_root_[root].push_back(static_cast<int>(id));
  }
}

void Catalogue::make_suppliers(Rng rng) {
  for (std::int64_t id = 1; id <= size_.suppliers; ++id) {
    const int root = static_cast<int>((id - 1) % roots().size());
    const auto& homes = roots()[root].supplier_countries;
    suppliers_.push_back({.root = root,
                          .country_id = homes[popular(rng, homes.size())],
                          .rating = std::clamp(3.9 + 0.6 * rng.normal(), 1.0, 5.0)});
    suppliers_of_root_[root].push_back(static_cast<int>(id));
  }
}

void Catalogue::make_promotions(Rng rng) {
  for (std::int64_t id = 1; id <= size_.promotions; ++id) {
    // The big sellers are promoted most.
    const int root = static_cast<int>(popular(rng, roots().size()));
    const Moment starts = rng.between(0, kShopDays - 30) * kDay;
    promotions_.push_back({.root = root,
                           .starts = starts,
                           .ends = starts + rng.between(5, 30) * kDay,
                           .discount_percent = static_cast<int>(rng.between(1, 8)) * 5});
    promotions_of_root_[root].push_back(static_cast<int>(id));
  }
}

Product Catalogue::make_product(Rng& rng, const Category& leaf, std::size_t position) const {
  const int root = root_position(leaf.root_id);
  const auto& brands = brands_of_root_[root];
  const auto& suppliers = suppliers_of_root_[root];
  Product product{.category_id = leaf.id, .root = root};
  product.brand_id = brands[popular(rng, brands.size())];
  product.supplier_id = suppliers[popular(rng, suppliers.size())];
  const double factor =
      std::exp(0.35 * rng.normal()) * (brands_[product.brand_id - 1].premium ? 2 : 1);
  product.price_cents = std::max(99, static_cast<int>(leaf.base_price * factor * 100));
  // The best-seller of a leaf has always been there; the others came in the course of the years.
  product.launched = position == 0 ? -1'400 * kDay : rng.between(-1'400, kShopDays - 60) * kDay;
  product.discontinued = position > 0 && product.launched < -700 * kDay && rng.chance(0.3);
  return product;
}

void Catalogue::make_products(Rng rng) {
  std::vector<double> assortment;
  // A category that sells a hundred times more has ten times more products.
  for (const int leaf : leaves_) assortment.push_back(std::sqrt(category(leaf).sales_share));
  const Discrete leaf_of_product(assortment);
  for (std::int64_t id = 1; id <= size_.products; ++id) {
    const auto position = static_cast<std::size_t>(id - 1);
    const int leaf =
        position < leaves_.size() ? leaves_[position] : leaves_[leaf_of_product.draw(rng)];
    auto& siblings = products_of_leaf_[leaf];
    products_.push_back(make_product(rng, category(leaf), siblings.size()));
    siblings.push_back(static_cast<int>(id));
  }
}

void Catalogue::make_demand() {
  for (std::size_t favourite = 0; favourite < roots().size(); ++favourite) {
    for (int month = 0; month < 12; ++month) {
      std::vector<double> weights;
      for (const int leaf : leaves_) {
        const auto& what = category(leaf);
        const bool liked = what.root_id == roots()[favourite].category_id;
        weights.push_back(what.sales_share * season_weight(what.season, month) *
                          (liked ? kFavouriteFactor : 1));
      }
      demand_.emplace_back(weights);
    }
  }
}

int Catalogue::draw_leaf(Rng& rng, int country_id, Moment when) const {
  const int favourite = favourite_roots()[country_id];
  return leaves_[demand_[favourite * 12 + month_of(when)].draw(rng)];
}

int Catalogue::draw_product(Rng& rng, int leaf_id, Moment when) const {
  const auto& candidates = products_of_leaf_[leaf_id];
  std::size_t position = popular(rng, candidates.size());
  while (position > 0 && product(candidates[position]).launched > when) position /= 2;
  return candidates[position];
}

int Catalogue::draw_promotion(Rng& rng, int root, Moment when) const {
  const auto& candidates = promotions_of_root_[root];
  if (candidates.empty()) return 0;
  const int id = candidates[rng.below(candidates.size())];
  const auto& promotion = promotions_[id - 1];
  return promotion.starts <= when && when < promotion.ends ? id : 0;
}

}  // namespace hintd::database::demo
