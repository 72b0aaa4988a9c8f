// Templates by the outline of their statements, so that a template is parsed once, whatever its
// literals are. Bounded: when full it starts anew, which costs a re-parse and needs no bookkeeping
// on a hit. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "core/query_template.h"

namespace hintd {

class TemplateCache {
 public:
  explicit TemplateCache(std::size_t capacity = 10'000) : capacity_(capacity) {}

  // As parse_query. Errors are not kept.
  Result<ParsedQuery> get(std::string_view sql);

 private:
  std::size_t capacity_;
  std::unordered_map<std::uint64_t, std::shared_ptr<const QueryTemplate>> templates_;
};

}  // namespace hintd
