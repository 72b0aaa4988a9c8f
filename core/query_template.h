// What a statement is once its literals are taken out: PostgreSQL's own parser, through
// libpg_query. Parsing takes 50 to 500 us: callers that see a text often keep what they got
// (core/template_cache.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace hintd {

enum class StatementKind {
  kReadOnlySelect,  // one SELECT without locking clause, INTO, or data-modifying CTE: may be hinted
  kOther,           // anything else, several statements included: passed through
};

// Counts over the parse tree.
struct QueryShape {
  int relations = 0;
  int joins = 0;  // explicit JOIN clauses
  int subqueries = 0;
  int ctes = 0;
  int aggregates_or_functions = 0;
  int like = 0;
  int in_lists = 0;
  int set_operations = 0;
  bool group_by = false;
  bool order_by = false;
  bool limit = false;
  bool distinct = false;
  bool window = false;
};

struct QueryTemplate {
  std::uint64_t fingerprint = 0;  // libpg_query's; equal for texts that differ in literals alone
  std::string normalized;         // the text with $1, $2, ... for its literals
  StatementKind kind = StatementKind::kOther;
  QueryShape shape;
  // What the statement names, as written and folded by the parser, each once: "count",
  // "pg_catalog.count", and what is as good as a function: "operator public.+" of OPERATOR() with a
  // schema, "tablesample" where the rows are other ones each time. What a view, a function or a
  // cast does inside is not seen, nor that "t.f" is f(t).
  std::vector<std::string> functions;
  std::vector<std::string> relations;
  bool parameters = false;  // holds $1, $2, ...
};

struct ParsedQuery {
  // Shared: a template lives in caches and in statements in flight, whichever ends last.
  std::shared_ptr<const QueryTemplate> query_template;
  // One hash per literal, in order of place (core/sql_outline.h): tells literals apart without
  // keeping them.
  std::vector<std::uint64_t> literals;
};

inline constexpr std::size_t kMaxParsedText = 1 << 20;  // bytes

// kQuery with the parser's message and position when the text is not one PostgreSQL 15 would parse;
// kInvalidInput for one longer than kMaxParsedText.
Result<ParsedQuery> parse_query(std::string_view sql);

std::vector<std::uint64_t> hashes_of(const std::vector<std::string_view>& literals);

// 16 hexadecimal digits, as users see a template.
std::string fingerprint_text(std::uint64_t fingerprint);
// The way back. kInvalidInput for anything but 16 hexadecimal digits.
Result<std::uint64_t> fingerprint_from(std::string_view text);

}  // namespace hintd
