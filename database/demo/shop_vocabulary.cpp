#include "database/demo/shop_vocabulary.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace hintd::database::demo {
namespace {

struct CountrySpec {
  const char* name;
  const char* code;
  const char* region;
  const char* currency;
  double customer_share;
  const char* favourite_root;
  const char* payment_method;
  const char* carrier;
  const char* cities;
};

constexpr CountrySpec kCountries[] = {
    {"United States", "US", "North America", "USD", 36, "Electronics", "card", "UPS",
     "New York,Los Angeles,Chicago,Houston,Phoenix,Philadelphia,San Antonio,San "
     "Diego,Dallas,Austin,"
     "Seattle,Denver,Boston,Portland,Memphis,Detroit,Atlanta,Miami,Oakland,Tucson"},
    {"Germany", "DE", "Europe", "EUR", 15, "Home", "invoice", "DHL",
     "Berlin,Hamburg,Munich,Cologne,Frankfurt,Stuttgart,Leipzig,Dortmund,Dresden,Bremen,Kiel"},
    {"United Kingdom", "GB", "Europe", "GBP", 11, "Fashion", "card", "Royal Mail",
     "London,Birmingham,Manchester,Leeds,Glasgow,Liverpool,Bristol,Sheffield,Edinburgh,Cardiff"},
    {"France", "FR", "Europe", "EUR", 8, "Beauty", "card", "La Poste",
     "Paris,Marseille,Lyon,Toulouse,Nice,Nantes,Strasbourg,Montpellier,Bordeaux,Lille"},
    {"Japan", "JP", "Asia", "JPY", 6, "Toys", "konbini", "Yamato",
     "Tokyo,Yokohama,Osaka,Nagoya,Sapporo,Fukuoka,Kobe,Kyoto"},
    {"Brazil", "BR", "South America", "BRL", 4, "Beauty", "boleto", "Correios",
     "Sao Paulo,Rio de Janeiro,Brasilia,Salvador,Fortaleza,Belo Horizonte,Manaus,Curitiba"},
    {"Canada", "CA", "North America", "CAD", 4, "Sports", "card", "UPS",
     "Toronto,Montreal,Calgary,Ottawa,Edmonton,Winnipeg,Vancouver,Halifax"},
    {"Italy", "IT", "Europe", "EUR", 3, "Fashion", "paypal", "DHL",
     "Rome,Milan,Naples,Turin,Palermo,Genoa,Bologna,Florence"},
    {"Spain", "ES", "Europe", "EUR", 2.6, "Fashion", "paypal", "Correos",
     "Madrid,Barcelona,Valencia,Seville,Zaragoza,Malaga,Bilbao"},
    {"Australia", "AU", "Oceania", "AUD", 2.2, "Garden", "card", "AusPost",
     "Sydney,Melbourne,Brisbane,Perth,Adelaide,Canberra,Hobart"},
    {"Netherlands", "NL", "Europe", "EUR", 1.8, "Garden", "ideal", "PostNL",
     "Amsterdam,Rotterdam,The Hague,Utrecht,Eindhoven,Groningen"},
    {"India", "IN", "Asia", "INR", 1.4, "Books", "upi", "BlueDart",
     "Mumbai,Delhi,Bangalore,Hyderabad,Ahmedabad,Chennai,Kolkata,Pune"},
    {"Mexico", "MX", "North America", "MXN", 1.0, "Music", "cash", "FedEx",
     "Mexico City,Guadalajara,Monterrey,Puebla,Tijuana,Merida"},
    {"Poland", "PL", "Europe", "PLN", 0.9, "Automotive", "transfer", "InPost",
     "Warsaw,Krakow,Lodz,Wroclaw,Poznan,Gdansk"},
    {"Sweden", "SE", "Europe", "SEK", 0.7, "Sports", "invoice", "PostNord",
     "Stockholm,Gothenburg,Malmo,Uppsala,Vasteras"},
    {"Switzerland", "CH", "Europe", "CHF", 0.6, "Office", "invoice", "DHL",
     "Zurich,Geneva,Basel,Lausanne,Bern"},
    {"Austria", "AT", "Europe", "EUR", 0.5, "Sports", "invoice", "DHL",
     "Vienna,Graz,Linz,Salzburg,Innsbruck"},
    {"South Korea", "KR", "Asia", "KRW", 0.4, "Beauty", "card", "Yamato",
     "Seoul,Busan,Incheon,Daegu,Daejeon"},
    {"Turkey", "TR", "Europe", "TRY", 0.3, "Home", "card", "DHL",
     "Istanbul,Ankara,Izmir,Bursa,Antalya"},
    {"Norway", "NO", "Europe", "NOK", 0.25, "Sports", "invoice", "PostNord",
     "Oslo,Bergen,Trondheim,Stavanger"},
    {"China", "CN", "Asia", "CNY", 0.2, "Toys", "alipay", "FedEx",
     "Shanghai,Beijing,Shenzhen,Guangzhou,Chengdu,Wuhan"},
    {"Taiwan", "TW", "Asia", "TWD", 0.15, "Electronics", "card", "FedEx",
     "Taipei,Taichung,Kaohsiung,Tainan"},
    {"Vietnam", "VN", "Asia", "VND", 0.1, "Fashion", "cash", "FedEx",
     "Hanoi,Saigon,Da Nang,Haiphong"},
    {"New Zealand", "NZ", "Oceania", "NZD", 0.1, "Garden", "card", "AusPost",
     "Auckland,Wellington,Christchurch,Hamilton"},
    {"Bangladesh", "BD", "Asia", "BDT", 0.05, "Books", "cash", "BlueDart",
     "Dhaka,Chittagong,Khulna,Sylhet"},
    {"Iceland", "IS", "Europe", "ISK", 0.03, "Books", "card", "PostNord",
     "Reykjavik,Akureyri,Selfoss"},
};

struct RootSpec {
  const char* name;
  double sales_share;
  double base_price;
  const char* supplier_countries;
  const char* tree;  // "Middle[@season]: leaf, leaf; ..." with leaves by sales, best first
};

constexpr RootSpec kRoots[] = {
    {"Electronics", 36, 160, "CN,TW,KR,JP,US",
     "Phones:Smartphones,Phone Cases,Chargers;Computers:Laptops,Monitors,Keyboards;"
     "Audio:Headphones,Speakers,Turntables;Cameras:Action Cameras,Lenses,Tripods;"
     "Gaming@christmas:Consoles,Controllers,Headsets"},
    {"Fashion", 21, 45, "BD,VN,CN,IT,TR",
     "Women:Dresses,Blouses,Skirts;Men:Shirts,Jeans,Suits;Shoes:Sneakers,Boots,Sandals;"
     "Outerwear@winter:Coats,Down Jackets,Scarves;Swimwear@summer:Bikinis,Swim Shorts,Rash Guards"},
    {"Home", 13, 70, "CN,PL,SE,VN,TR",
     "Kitchen:Cookware,Knives,Coffee Makers;Bedroom:Bedding,Pillows,Mattresses;"
     "Lighting:Lamps,Light Bulbs,Candles;Decoration@christmas:Christmas Lights,Wreaths,Baubles"},
    {"Beauty", 8, 25, "FR,KR,US,JP,IT",
     "Skin Care:Creams,Serums,Masks;Makeup:Lipsticks,Mascaras,Foundations;"
     "Hair:Shampoo,Hair Dryers,Brushes;Sun@summer:Sunscreen,After Sun,Self Tanners"},
    {"Books", 7, 16, "US,GB,DE,IN,FR",
     "Fiction:Crime,Romance,Fantasy;Nonfiction:Biographies,Cookbooks,History;"
     "School@autumn:Textbooks,Workbooks,Atlases"},
    {"Toys", 5, 30, "CN,DE,JP,VN,US",
     "Building:Brick Sets,Marble Runs,Wooden Blocks;Games@christmas:Board Games,Puzzles,Card Games;"
     "Outdoor@summer:Water Guns,Sandpit Toys,Kites;Dolls:Fashion Dolls,Plush,Doll Houses"},
    {"Sports", 3.6, 60, "CN,AT,US,SE,NO",
     "Fitness:Dumbbells,Yoga Mats,Treadmills;Cycling@summer:Bicycles,Helmets,Bike Locks;"
     "Winter Sports@winter:Skis,Snowboards,Ski Goggles;Running:Running Shoes,Watches,Socks"},
    {"Garden", 2.4, 40, "NL,PL,DE,CN,IT",
     "Plants@spring:Seeds,Tulip Bulbs,Roses;Tools:Shovels,Pruners,Hoses;"
     "Barbecue@summer:Grills,Charcoal,Grill Tools;Furniture@spring:Garden "
     "Chairs,Parasols,Hammocks"},
    {"Grocery", 1.8, 9, "IT,FR,BR,TR,IN",
     "Drinks:Coffee,Tea,Juice;Sweets@christmas:Chocolate,Gingerbread,Marzipan;"
     "Pantry:Pasta,Olive Oil,Spices"},
    {"Pets", 1.0, 22, "US,DE,CN,NZ,PL",
     "Dogs:Dog Food,Leashes,Dog Beds;Cats:Cat Food,Litter,Scratching Posts;"
     "Fish:Aquariums,Fish Food,Filters"},
    {"Automotive", 0.7, 55, "DE,JP,CN,PL,US",
     "Tyres@winter:Winter Tyres,Snow Chains,Rims;Care:Car Wax,Vacuums,Air Fresheners;"
     "Parts:Batteries,Wipers,Brake Pads"},
    {"Office", 0.4, 18, "DE,CN,JP,US,CH",
     "Paper:Copy Paper,Notebooks,Envelopes;Writing@autumn:Fountain Pens,Pencils,Markers;"
     "Seating:Desk Chairs,Footrests,Armrests"},
    {"Music", 0.25, 240, "US,JP,DE,CN,IT",
     "Guitars:Electric Guitars,Acoustic Guitars,Strings;Keys:Digital Pianos,Synthesizers,Benches;"
     "Drums:Drum Kits,Drumsticks,Cymbals"},
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Season season_named(std::string_view name) {
  constexpr std::pair<std::string_view, Season> kNames[] = {{"christmas", Season::kChristmas},
                                                            {"spring", Season::kSpring},
                                                            {"summer", Season::kSummer},
                                                            {"autumn", Season::kAutumn},
                                                            {"winter", Season::kWinter}};
  for (const auto& [known, season] : kNames) {
    if (known == name) return season;
  }
  HINTD_CHECK(false, "the category tree names an unknown season");
}

class TreeBuilder {
 public:
  std::vector<Category> build() {
    for (const auto& root : kRoots) add_root(root);
    return std::move(tree_);
  }

 private:
  int add(Category category) {
    category.id = static_cast<int>(tree_.size()) + 1;
    if (category.depth == 0) category.root_id = category.id;
    tree_.push_back(std::move(category));
    return tree_.back().id;
  }

  void add_root(const RootSpec& spec) {
    Category root;
    root.name = spec.name;
    const int root_id = add(root);
    int rank = 0;
    for (const auto& middle : split(spec.tree, ';')) {
      add_middle(spec, root_id, middle, 1.0 / std::pow(++rank, 0.8));
    }
  }

  void add_middle(const RootSpec& spec, int root_id, const std::string& text, double share) {
    const auto head_and_leaves = split(text, ':');
    const auto name_and_season = split(head_and_leaves.at(0), '@');
    Category middle;
    middle.parent_id = middle.root_id = root_id;
    middle.depth = 1;
    middle.name = name_and_season.at(0);
    if (name_and_season.size() > 1) middle.season = season_named(name_and_season[1]);
    const Category parent = middle;
    const int middle_id = add(middle);
    int rank = 0;
    for (const auto& name : split(head_and_leaves.at(1), ',')) {
      Category leaf = parent;
      leaf.parent_id = middle_id;
      leaf.depth = 2;
      leaf.name = name;
      ++rank;
      leaf.sales_share = spec.sales_share * share / (rank * rank);
      // Within a middle category the best-seller is the dearest thing, the rest goes with it.
      leaf.base_price = spec.base_price * (rank == 1 ? 1.8 : 0.5 / rank);
      add(leaf);
    }
  }

  std::vector<Category> tree_;
};

}  // namespace

double season_weight(Season season, int month) {
  constexpr double kWeights[][12] = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                                     {.1, .05, .05, .05, .05, .05, .05, .1, .3, 1, 6, 7},
                                     {.1, .6, 4, 6, 3, .3, .1, .05, .1, .1, .05, .05},
                                     {.05, .05, .2, 1, 3, 5, 5, 2, .3, .05, .05, .1},
                                     {.3, .1, .1, .1, .1, .2, 1, 6, 5, 1, .3, .3},
                                     {4, 2, .5, .1, .05, .02, .02, .05, .3, 2, 4, 5}};
  return kWeights[static_cast<int>(season)][month];
}

const std::vector<Country>& countries() {
  static const auto all = [] {
    std::vector<Country> list;
    for (const auto& spec : kCountries) {
      list.push_back({spec.name, spec.code, spec.region, spec.currency, spec.customer_share,
                      spec.favourite_root, spec.payment_method, spec.carrier,
                      split(spec.cities, ',')});
    }
    return list;
  }();
  return all;
}

const std::vector<Category>& categories() {
  static const auto all = TreeBuilder().build();
  return all;
}

const std::vector<Root>& roots() {
  static const auto all = [] {
    std::vector<Root> list;
    for (const auto& category : categories()) {
      if (category.depth != 0) continue;
      Root root{category.id, {}};
      for (const auto& code : split(kRoots[list.size()].supplier_countries, ',')) {
        root.supplier_countries.push_back(country_id(code));
      }
      list.push_back(std::move(root));
    }
    return list;
  }();
  return all;
}

const std::vector<City>& cities() {
  static const auto all = [] {
    std::vector<City> list;
    for (std::size_t country = 0; country < countries().size(); ++country) {
      int population = 4'000'000;
      for (const auto& name : countries()[country].cities) {
        list.push_back(
            {static_cast<int>(list.size()) + 1, static_cast<int>(country) + 1, name, population});
        population = population * 3 / 4;
      }
    }
    return list;
  }();
  return all;
}

const std::vector<std::string_view>& carriers() {
  static const std::vector<std::string_view> all = {
      "UPS",    "DHL",     "Royal Mail", "La Poste", "Yamato", "Correios", "FedEx",   "Correos",
      "PostNL", "AusPost", "BlueDart",   "InPost",   "GLS",    "Hermes",   "PostNord"};
  return all;
}

const std::vector<std::string_view>& first_names() {
  static const std::vector<std::string_view> all = {
      "Anna",  "Ben",   "Clara", "David", "Elena", "Felix", "Grace", "Hugo",  "Ines",  "Jonas",
      "Kaito", "Laura", "Marco", "Nora",  "Oscar", "Priya", "Quinn", "Rosa",  "Sofia", "Tom",
      "Uma",   "Vera",  "Wei",   "Xenia", "Yuki",  "Zoe",   "Aisha", "Bruno", "Carla", "Diego"};
  return all;
}

const std::vector<std::string_view>& last_names() {
  static const std::vector<std::string_view> all = {
      "Smith", "Mueller", "Tanaka",   "Silva",   "Rossi",   "Garcia", "Dubois",  "Novak",
      "Kim",   "Singh",   "Brown",    "Wilson",  "Schmidt", "Sato",   "Costa",   "Bianchi",
      "Lopez", "Martin",  "Kowalski", "Larsen",  "Jones",   "Taylor", "Fischer", "Suzuki",
      "Souza", "Ferrari", "Moreno",   "Bernard", "Nielsen", "Chen"};
  return all;
}

const std::vector<std::string_view>& adjectives() {
  static const std::vector<std::string_view> all = {
      "Classic", "Compact", "Premium", "Eco",    "Ultra",  "Light", "Pro",     "Basic",
      "Deluxe",  "Smart",   "Urban",   "Alpine", "Nordic", "Royal", "Vintage", "Modern"};
  return all;
}

int country_id(std::string_view code) {
  const auto& all = countries();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Country& country) { return country.code == code; });
  HINTD_CHECK(found != all.end(), "an unknown country code in the vocabulary");
  return static_cast<int>(found - all.begin()) + 1;
}

int carrier_id(std::string_view name) {
  const auto& all = carriers();
  const auto found = std::find(all.begin(), all.end(), name);
  HINTD_CHECK(found != all.end(), "an unknown carrier in the vocabulary");
  return static_cast<int>(found - all.begin()) + 1;
}

}  // namespace hintd::database::demo
