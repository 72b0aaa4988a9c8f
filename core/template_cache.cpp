#include "core/template_cache.h"

namespace hintd {

Result<std::shared_ptr<const ParsedQuery>> TemplateCache::get(std::string_view sql) {
  if (const auto it = parsed_.find(sql); it != parsed_.end()) return it->second;
  HINTD_TRY(auto parsed, parse_query(sql));
  if (parsed_.size() >= capacity_) parsed_.clear();
  auto shared = std::make_shared<const ParsedQuery>(std::move(parsed));
  parsed_.emplace(sql, shared);
  return shared;
}

}  // namespace hintd
