// What the demo shop sells: brands, suppliers, promotions and products, held in memory, with the
// laws by which products are bought. Brand, supplier and supplier's country depend on the root
// category, the price on the leaf category and the brand, the demand on season and country.
#pragma once

#include <vector>

#include "database/demo/discrete.h"
#include "database/demo/shop_calendar.h"
#include "database/demo/shop_size.h"
#include "database/demo/shop_vocabulary.h"

namespace hintd::database::demo {

struct Brand {
  int root = 0;  // position in roots()
  int country_id = 0;
  bool premium = false;
  double quality = 0;  // mean rating, 1 to 5
};

struct Supplier {
  int root = 0;
  int country_id = 0;
  double rating = 0;  // 1 to 5
};

struct Promotion {
  int root = 0;
  Moment starts = 0;
  Moment ends = 0;
  int discount_percent = 0;
};

struct Product {
  int category_id = 0;
  int root = 0;
  int brand_id = 0;
  int supplier_id = 0;
  int price_cents = 0;
  Moment launched = 0;
  bool discontinued = false;
};

// Immutable. Ids are positions + 1. Takes about 50 bytes a product.
class Catalogue {
 public:
  explicit Catalogue(ShopRecipe recipe);

  const std::vector<Brand>& brands() const { return brands_; }
  const std::vector<Supplier>& suppliers() const { return suppliers_; }
  const std::vector<Promotion>& promotions() const { return promotions_; }
  const std::vector<Product>& products() const { return products_; }
  const Product& product(int id) const { return products_[id - 1]; }

  // The leaf category (an id) of a purchase in that country and month.
  int draw_leaf(Rng& rng, int country_id, Moment when) const;
  // A product of a leaf category that was on sale then, by popularity.
  int draw_product(Rng& rng, int leaf_id, Moment when) const;
  // A promotion that runs then for that root category, or 0.
  int draw_promotion(Rng& rng, int root, Moment when) const;

 private:
  void make_brands(Rng rng);
  void make_suppliers(Rng rng);
  void make_promotions(Rng rng);
  void make_products(Rng rng);
  void make_demand();
  Product make_product(Rng& rng, const Category& leaf, std::size_t position) const;

  ShopSize size_;
  std::vector<Brand> brands_;
  std::vector<Supplier> suppliers_;
  std::vector<Promotion> promotions_;
  std::vector<Product> products_;
  std::vector<std::vector<int>> brands_of_root_;
  std::vector<std::vector<int>> suppliers_of_root_;
  std::vector<std::vector<int>> promotions_of_root_;
  std::vector<int> leaves_;                         // category ids
  std::vector<std::vector<int>> products_of_leaf_;  // by category id; most popular first
  std::vector<Discrete> demand_;                    // by favourite root, then month
};

}  // namespace hintd::database::demo
