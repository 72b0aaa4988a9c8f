#include "core/query_template.h"

#include <pg_query.h>

#include <cctype>
#include <cstdio>
#include <memory>

#include "core/rng.h"

namespace hintd {
namespace {

template <class T, void (*Free)(T)>
struct Owned {
  explicit Owned(T v) : value(v) {}
  ~Owned() { Free(value); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T value;
};
using ParseTree = Owned<PgQueryParseResult, pg_query_free_parse_result>;
using Normalized = Owned<PgQueryNormalizeResult, pg_query_free_normalize_result>;
using Fingerprint = Owned<PgQueryFingerprintResult, pg_query_free_fingerprint_result>;

tl::unexpected<Error> refused(const PgQueryError& error) {
  return fail(ErrorKind::kQuery,
              std::string(error.message) + " at character " + std::to_string(error.cursorpos),
              "correct the statement");
}

// Occurrences of a node in the JSON of a parse tree. Quotes inside a literal are escaped there, so
// a literal cannot look like a node.
int count(std::string_view tree, std::string_view node) {
  const std::string needle = "\"" + std::string(node) + "\":";
  int n = 0;
  for (auto at = tree.find(needle); at != tree.npos; at = tree.find(needle, at + needle.size()))
    ++n;
  return n;
}

bool has(std::string_view tree, std::string_view text) {
  return tree.find(text) != tree.npos;
}

QueryShape shape_of(std::string_view tree) {
  QueryShape shape;
  shape.relations = count(tree, "RangeVar");
  shape.joins = count(tree, "JoinExpr");
  shape.subqueries = count(tree, "SubLink") + count(tree, "RangeSubselect");
  shape.ctes = count(tree, "CommonTableExpr");
  shape.aggregates_or_functions = count(tree, "FuncCall");
  shape.set_operations = count(tree, "larg");
  shape.group_by = has(tree, "\"groupClause\":");
  shape.order_by = has(tree, "\"sortClause\":");
  shape.limit = has(tree, "\"limitCount\":");
  shape.distinct = has(tree, "\"distinctClause\":");
  shape.window = has(tree, "\"over\":");
  for (const auto* kind : {"\"AEXPR_LIKE\"", "\"AEXPR_ILIKE\""}) shape.like += has(tree, kind);
  shape.in_lists = has(tree, "\"AEXPR_IN\"");
  return shape;
}

StatementKind kind_of(std::string_view tree) {
  const bool one_select = count(tree, "stmt") == 1 && has(tree, "[{\"stmt\":{\"SelectStmt\":");
  for (const auto* effect : {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause",
                             "intoClause", "IntoClause"})
    if (count(tree, effect) > 0) return StatementKind::kOther;
  return one_select ? StatementKind::kReadOnlySelect : StatementKind::kOther;
}

// Where the literal that starts at sql[begin] ends, by looking for the fixed text that follows it.
std::size_t literal_end(std::string_view sql, std::size_t begin, std::string_view following) {
  const auto quote = sql.find('\'', begin);
  std::size_t from = begin;
  // A quoted literal may hold anything, the following text too: step over it first. At most a
  // type letter (E, B, X, N) or U& stands before the quote.
  if (quote != sql.npos && quote - begin <= 2) {
    const bool escapes =
        quote > begin && std::toupper(static_cast<unsigned char>(sql[begin])) == 'E';
    from = quote + 1;
    while (from < sql.size() &&
           (sql[from] != '\'' || (from + 1 < sql.size() && sql[from + 1] == '\''))) {
      from += (sql[from] == '\'' || (escapes && sql[from] == '\\')) ? 2 : 1;
    }
    from = std::min(from + 1, sql.size());
  }
  if (following.empty()) return sql.size();
  const auto end = sql.find(following, from);
  return end == sql.npos ? sql.size() : end;
}

}  // namespace

std::vector<std::string_view> literals_of(std::string_view sql, std::string_view normalized) {
  std::vector<std::string_view> literals;
  std::size_t at = 0;
  std::size_t n = 0;
  while (n < normalized.size()) {
    const bool parameter = normalized[n] == '$' && n + 1 < normalized.size() &&
                           std::isdigit(static_cast<unsigned char>(normalized[n + 1]));
    if (!parameter) {
      ++n;
      ++at;
      continue;
    }
    if (at >= sql.size()) break;
    if (sql[at] == '$') {  // a parameter in the text itself is no literal
      do {
        ++n;
        ++at;
      } while (n < normalized.size() && std::isdigit(static_cast<unsigned char>(normalized[n])));
      continue;
    }
    for (++n; n < normalized.size() && std::isdigit(static_cast<unsigned char>(normalized[n]));
         ++n) {
    }
    const auto next = normalized.find('$', n);
    const auto end =
        literal_end(sql, at, normalized.substr(n, next == normalized.npos ? next : next - n));
    literals.push_back(sql.substr(at, end - at));
    at = end;
  }
  return literals;
}

Result<ParsedQuery> parse_query(std::string_view sql) {
  const std::string text(sql);
  const ParseTree tree(pg_query_parse(text.c_str()));
  if (tree.value.error != nullptr) return refused(*tree.value.error);
  const Normalized normalized(pg_query_normalize(text.c_str()));
  if (normalized.value.error != nullptr) return refused(*normalized.value.error);
  const Fingerprint fingerprint(pg_query_fingerprint(text.c_str()));
  if (fingerprint.value.error != nullptr) return refused(*fingerprint.value.error);

  ParsedQuery parsed;
  auto& query_template = parsed.query_template;
  query_template.fingerprint = fingerprint.value.fingerprint;
  query_template.normalized = normalized.value.normalized_query;
  query_template.kind = kind_of(tree.value.parse_tree);
  query_template.shape = shape_of(tree.value.parse_tree);
  for (const auto literal : literals_of(sql, query_template.normalized))
    parsed.literals.push_back(stable_hash(literal));
  return parsed;
}

std::string fingerprint_text(std::uint64_t fingerprint) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(fingerprint));
  return text;
}

}  // namespace hintd
