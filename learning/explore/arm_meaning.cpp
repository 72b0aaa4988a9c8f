#include "learning/explore/arm_meaning.h"

#include <map>
#include <utility>

namespace hintd::learning {

std::vector<std::vector<float>> operator_arm_features() {
  std::vector<std::vector<float>> features;
  for (unsigned joins = 7; joins > 0; --joins)
    for (unsigned scans = 7; scans > 0; --scans) {
      auto& flags = features.emplace_back();
      for (const unsigned mask : {joins, scans})
        for (int bit = 2; bit >= 0; --bit) flags.push_back((mask >> bit & 1U) != 0 ? 1.0F : 0.0F);
    }
  return features;
}

std::vector<std::vector<float>> features_of(const HintCatalogue& catalogue) {
  std::map<std::pair<std::string, std::string>, std::size_t> columns;
  for (const auto& set : catalogue.sets())
    for (const auto& [name, value] : set.settings)
      columns.try_emplace({name, value}, columns.size());
  std::vector<std::vector<float>> features;
  for (const auto& set : catalogue.sets()) {
    auto& flags = features.emplace_back(columns.size(), 0.0F);
    for (const auto& [name, value] : set.settings) flags[columns.at({name, value})] = 1.0F;
  }
  return features;
}

}  // namespace hintd::learning
