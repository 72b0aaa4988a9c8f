#include "config/secrets.h"

#include <regex>

namespace hintd::config {

std::string without_passwords(std::string_view text) {
  static const std::regex kKeyword(R"re(((?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'?|[^\s&'"]+))re",
                                   std::regex::icase);
  static const std::regex kUri(R"re((://[^\s:/@]*):[^\s/]*@)re");
  const auto masked = std::regex_replace(std::string(text), kKeyword, "$1***");
  return std::regex_replace(masked, kUri, "$1:***@");
}

}  // namespace hintd::config
