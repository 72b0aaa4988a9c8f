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

int count_text(std::string_view tree, std::string_view text) {
  int n = 0;
  for (auto at = tree.find(text); at != tree.npos; at = tree.find(text, at + text.size())) ++n;
  return n;
}

// Occurrences of a node in the JSON of a parse tree. Quotes inside a literal are escaped there, so
// a literal cannot look like a node.
int count(std::string_view tree, std::string_view node) {
  return count_text(tree, "\"" + std::string(node) + "\":");
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
  shape.like = count_text(tree, "\"AEXPR_LIKE\"") + count_text(tree, "\"AEXPR_ILIKE\"");
  shape.in_lists = count_text(tree, "\"AEXPR_IN\"");
  return shape;
}

StatementKind kind_of(std::string_view tree) {
  const bool one_select = count(tree, "stmt") == 1 && has(tree, "[{\"stmt\":{\"SelectStmt\":");
  for (const auto* effect : {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause",
                             "intoClause", "IntoClause"})
    if (count(tree, effect) > 0) return StatementKind::kOther;
  return one_select ? StatementKind::kReadOnlySelect : StatementKind::kOther;
}

bool is_digit_at(std::string_view text, std::size_t at) {
  return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]));
}

// Where the quoted literal that starts at `begin` ends, or `begin` when none does.
std::size_t quoted_end(std::string_view sql, std::size_t begin) {
  if (sql[begin] == '$') {
    const auto tag_end = sql.find('$', begin + 1);
    if (tag_end == sql.npos) return begin;
    const auto tag = sql.substr(begin, tag_end + 1 - begin);
    const auto close = sql.find(tag, tag_end + 1);
    return close == sql.npos ? sql.size() : close + tag.size();
  }
  auto at = begin;
  if (std::isalpha(static_cast<unsigned char>(sql[at]))) ++at;  // E, B, X, N or U&
  if (at > begin && at < sql.size() && sql[at] == '&') ++at;
  if (at >= sql.size() || sql[at] != '\'') return begin;
  const bool escapes = sql[begin] == 'E' || sql[begin] == 'e';
  for (++at; at < sql.size() && (sql[at] != '\'' || sql.substr(at, 2) == "''");)
    at += (sql[at] == '\'' || (escapes && sql[at] == '\\')) ? 2 : 1;
  return std::min(at + 1, sql.size());
}

// Where the literal that starts at sql[begin] ends, by looking for the fixed text that follows it.
// A quoted literal may hold anything, the following text too: it is stepped over first.
std::size_t literal_end(std::string_view sql, std::size_t begin, std::string_view following) {
  if (following.empty()) return sql.size();
  return std::min(sql.find(following, quoted_end(sql, begin)), sql.size());
}

}  // namespace

std::vector<std::string_view> literals_of(std::string_view sql, std::string_view normalized) {
  std::vector<std::string_view> literals;
  std::size_t at = 0;
  std::size_t n = 0;
  while (n < normalized.size()) {
    if (normalized[n] != '$' || !is_digit_at(normalized, n + 1)) {
      ++n;
      ++at;
      continue;
    }
    if (at >= sql.size()) break;
    do ++n;
    while (is_digit_at(normalized, n));
    if (sql[at] == '$' && is_digit_at(sql, at + 1)) {  // a parameter of the text is no literal
      do ++at;
      while (is_digit_at(sql, at));
      continue;
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
