// What the proxy knows of a statement's text: found once, then looked up by the text.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/governance.h"
#include "core/sql_outline.h"
#include "core/template_cache.h"

namespace hintd::proxy {

struct KnownStatement {
  std::string text;
  ParsedQuery parsed;  // without a template where PostgreSQL's parser refused the text
  std::vector<SqlOutline::Parameter> parameters;
  Eligibility eligibility = Eligibility::kNotOneSelect;

  const QueryTemplate* query_template() const { return parsed.query_template.get(); }
};

// Hashes of the statement's literals in order of place, those that `values` gives for its
// parameters among them. A value is the parameter's text, or null data where it is NULL, binary or
// not given: that place gets 0, which no literal has.
std::vector<std::uint64_t> literals_with(const KnownStatement& statement,
                                         const std::vector<std::string_view>& values);

// The same, by a Bind's body; null where the statement has no parameters, may not be hinted, or is
// null itself. Shared by a portal and each of its runs.
using BoundLiterals = std::shared_ptr<const std::vector<std::uint64_t>>;
BoundLiterals bound_literals(const KnownStatement* statement, std::string_view bind);

// Bounded: when full it starts anew. Not thread-safe: every I/O thread has its own, so that no lock
// stands on a statement's way.
class StatementCache {
 public:
  explicit StatementCache(const Governance& governance) : governance_(governance) {}

  // Shared: a statement lives in the cache, in sessions that prepared it, and in flight.
  std::shared_ptr<const KnownStatement> get(std::string_view text);

 private:
  static constexpr std::size_t kMaxStatements = 8'192;
  static constexpr std::size_t kMaxBytes = 8 << 20;

  const Governance& governance_;
  TemplateCache templates_;
  std::unordered_map<std::string_view, std::shared_ptr<const KnownStatement>> statements_;
  std::size_t bytes_ = 0;
};

}  // namespace hintd::proxy
