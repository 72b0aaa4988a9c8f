#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace hintd::proxy {

// "web, batch" lets these names through, "*" every name.
class NameFilter {
 public:
  explicit NameFilter(std::string_view names) : all_(names == "*") {
    while (!names.empty()) {
      const auto comma = names.find(',');
      auto name = names.substr(0, comma);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (!name.empty()) names_.emplace(name);
      names.remove_prefix(comma == names.npos ? names.size() : comma + 1);
    }
  }

  bool allows(const std::string& name) const { return all_ || names_.contains(name); }

 private:
  bool all_;
  std::unordered_set<std::string> names_;
};

}  // namespace hintd::proxy
