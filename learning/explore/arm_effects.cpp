#include "learning/explore/arm_effects.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "learning/explore/arm_meaning.h"

namespace hintd::learning {
namespace {

struct Source {
  std::string_view name;
  std::array<std::string_view, 16> queries;  // some of its names
  std::array<ArmEffect, kOperatorArms> effects;
};

constexpr Source kSources[] = {
    // clang-format off
    {"JOB",
     {"12b", "13c", "14b", "15a", "17b", "18b", "22a", "25a", "26a", "27a", "2a", "32b", "6b", "6e", "7a", "8d"},
     {{
      {0.18, -0.40}, {0.08, -0.36}, {0.11, -0.51}, {0.24, -0.37}, {0.40, -0.29}, {0.12, -0.25}, {1.87, -0.63},
      {1.15, -0.99}, {1.00, -0.93}, {1.80, -0.98}, {1.80, -0.93}, {1.58, -0.96}, {1.41, -0.96}, {2.00, -0.63},
      {-0.17, -0.32}, {-0.18, -0.45}, {0.03, -0.16}, {0.06, -0.17}, {0.24, -0.31}, {0.00, -0.30}, {1.78, -0.58},
      {1.21, -1.07}, {1.36, -1.09}, {1.96, -1.14}, {2.02, -1.13}, {1.36, -0.96}, {1.27, -0.98}, {1.81, -0.66},
      {0.00, -0.10}, {-0.06, -0.19}, {0.19, -0.37}, {0.16, -0.38}, {0.40, -0.25}, {0.16, -0.22}, {1.80, -0.67},
      {1.82, -0.85}, {1.87, -0.82}, {2.08, -0.91}, {2.14, -0.83}, {2.12, -1.05}, {2.06, -1.01}, {1.66, -0.91},
      {-0.02, 0.11}, {-0.05, -0.09}, {-0.03, -0.15}, {0.07, -0.20}, {0.43, -0.25}, {0.20, -0.25}, {1.67, -0.59},
     }}},
    {"CEB",
     {"1a1126", "1a1749", "1a2341", "1a2668", "1a2836", "2a306", "2a651", "2c87", "5596a7fedb694ec6a94f8c9842fc81e34be9c144", "5a864", "6a114", "6a19", "7a17", "8a394", "f9feafae35f78cb9e4afdb89ee2c480cef5df1cb", "fdb4aac1c5a5a92a398608e49d1033ccc680ee14"},
     {{
      {0.35, -0.24}, {0.16, -0.11}, {0.19, -0.09}, {0.16, -0.11}, {0.16, -0.15}, {0.19, -0.13}, {0.14, -0.33},
      {1.86, -1.28}, {1.87, -1.37}, {2.05, -1.22}, {1.98, -1.12}, {1.52, -1.34}, {1.57, -1.37}, {1.10, -0.73},
      {0.04, -0.02}, {-0.12, -0.02}, {-0.02, -0.04}, {0.00, 0.00}, {0.03, -0.02}, {0.06, -0.03}, {0.12, -0.17},
      {1.62, -1.12}, {1.61, -1.23}, {1.92, -1.10}, {1.93, -1.11}, {1.27, -1.17}, {1.32, -1.20}, {0.96, -0.77},
      {0.07, -0.02}, {0.10, -0.05}, {0.14, -0.06}, {0.13, -0.03}, {0.16, 0.03}, {0.24, 0.02}, {0.20, -0.18},
      {2.43, -1.15}, {2.44, -1.15}, {2.49, -1.12}, {2.50, -1.12}, {2.57, -1.11}, {2.68, -1.11}, {1.05, -0.83},
      {0.09, 0.12}, {0.09, 0.11}, {0.10, 0.06}, {0.12, 0.08}, {0.22, 0.16}, {0.27, 0.14}, {0.28, -0.06},
     }}},
    // clang-format on
};

// In the order of the bits of operator_arm_features, first joins, then scans.
constexpr std::array<std::string_view, 6> kOperators = {"enable_hashjoin", "enable_mergejoin",
                                                        "enable_nestloop", "enable_indexscan",
                                                        "enable_seqscan",  "enable_indexonlyscan"};

// Nothing for a set that does anything else, or leaves no join or no scan.
std::optional<std::size_t> operator_arm(const HintSet& set) {
  unsigned joins = 7;
  unsigned scans = 7;
  for (const auto& [name, value] : set.settings) {
    const auto place = std::find(kOperators.begin(), kOperators.end(), name) - kOperators.begin();
    if (place == std::ssize(kOperators) || value != "off") return std::nullopt;
    (place < 3 ? joins : scans) &= ~(4U >> (place % 3));
  }
  if (joins == 0 || scans == 0) return std::nullopt;
  return 7 * (7 - joins) + 7 - scans;
}

}  // namespace

std::vector<std::string_view> effect_sources() {
  std::vector<std::string_view> names;
  for (const auto& source : kSources) names.push_back(source.name);
  return names;
}

std::vector<std::string_view> sources_apart_from(const std::vector<std::string>& queries) {
  std::vector<std::string_view> names;
  for (const auto& source : kSources) {
    const bool shared = std::any_of(queries.begin(), queries.end(), [&](const auto& query) {
      return std::find(source.queries.begin(), source.queries.end(), query) != source.queries.end();
    });
    if (!shared) names.push_back(source.name);
  }
  return names;
}

ArmEffects operator_effects(const std::vector<std::string_view>& sources) {
  if (sources.empty()) return {};
  const auto share = 1 / static_cast<double>(sources.size());
  std::array<ArmEffect, kOperatorArms> sum{};
  for (const auto& source : kSources) {
    if (std::find(sources.begin(), sources.end(), source.name) == sources.end()) continue;
    for (std::size_t arm = 0; arm < sum.size(); ++arm) {
      sum[arm].mean += share * source.effects[arm].mean;
      sum[arm].slope += share * source.effects[arm].slope;
    }
  }
  return {sum.begin(), sum.end()};
}

ArmEffects effects_of(const HintCatalogue& catalogue) {
  const auto of_operators = operator_effects(effect_sources());
  ArmEffects effects;
  for (const auto& set : catalogue.sets()) {
    const auto arm = operator_arm(set);
    effects.push_back(arm ? of_operators[*arm] : std::nullopt);
  }
  return effects;
}

}  // namespace hintd::learning
