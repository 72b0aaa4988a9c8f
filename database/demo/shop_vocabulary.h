// The fixed words of the demo shop: countries with their cities, the category tree, carriers,
// names. Immutable, parsed once; the shares are what makes the data skewed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hintd::database::demo {

// When in the year a product sells.
enum class Season { kAlways, kChristmas, kSpring, kSummer, kAutumn, kWinter };

// How much more or less than usual a season's products sell in a month (0 = January).
double season_weight(Season season, int month);

struct Country {
  std::string name;
  std::string code;
  std::string region;
  std::string currency;
  double customer_share = 0;        // relative
  std::string favourite_root;       // the root category its customers buy most beyond the average
  std::string payment_method;       // the usual one
  std::string carrier;              // the usual one
  std::vector<std::string> cities;  // by size, largest first
};

struct Category {
  int id = 0;
  int parent_id = 0;  // 0 for a root
  int root_id = 0;
  int depth = 0;  // 0 root, 1 middle, 2 leaf
  std::string name;
  Season season = Season::kAlways;
  double sales_share = 0;  // relative, leaves only
  double base_price = 0;   // leaves only
};

struct Root {
  int category_id = 0;
  std::vector<int> supplier_countries;  // ids, most usual first
};

// ids are positions + 1 throughout.
const std::vector<Country>& countries();
const std::vector<Category>& categories();
const std::vector<Root>& roots();
const std::vector<std::string_view>& carriers();
const std::vector<std::string_view>& first_names();
const std::vector<std::string_view>& last_names();
const std::vector<std::string_view>& adjectives();

// Id of a name that must exist.
int country_id(std::string_view code);
int carrier_id(std::string_view name);

struct City {
  int id = 0;
  int country_id = 0;
  std::string name;
  int population = 0;
};
// All cities, grouped by country in the order of countries().
const std::vector<City>& cities();

}  // namespace hintd::database::demo
