#include "core/template_cache.h"

#include "core/sql_outline.h"

namespace hintd {

Result<ParsedQuery> TemplateCache::get(std::string_view sql) {
  const auto outline = outline_of(sql);
  if (const auto it = templates_.find(outline.hash); it != templates_.end())
    return ParsedQuery{it->second, hashes_of(outline.literals)};
  HINTD_TRY(auto parsed, parse_query(sql));
  if (templates_.size() >= capacity_) templates_.clear();
  templates_.emplace(outline.hash, parsed.query_template);
  return parsed;
}

}  // namespace hintd
