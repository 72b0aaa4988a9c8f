// Parsed statements by text, so that a text seen often is parsed once. Bounded: when full it starts
// anew, which costs a re-parse and needs no bookkeeping on a hit. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/query_template.h"

namespace hintd {

class TemplateCache {
 public:
  explicit TemplateCache(std::size_t capacity = 10'000) : capacity_(capacity) {}

  // Shared, because a statement in flight may outlive its entry. Errors are not kept.
  Result<std::shared_ptr<const ParsedQuery>> get(std::string_view sql);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::size_t capacity_;
  std::unordered_map<std::string, std::shared_ptr<const ParsedQuery>, Hash, std::equal_to<>>
      parsed_;
};

}  // namespace hintd
