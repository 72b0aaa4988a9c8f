#include "core/query_template.h"

#include <pg_query.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <memory>

#include "core/deep_stack.h"
#include "core/rng.h"
#include "core/sql_outline.h"

namespace hintd {
namespace {

// libpg_query walks trees by recursion and does not look how deep: "1-1-1..." took 280 bytes of
// stack for each byte of text. Short texts are safe on any thread's stack.
constexpr std::size_t kShallowText = 8 * 1024;
constexpr std::size_t kStackPerByte = 1024;

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

// The JSON text that begins at `at` up to its closing quote, escapes and all.
std::string_view quoted_at(std::string_view tree, std::size_t at) {
  std::size_t end = at;
  while (end < tree.size() && tree[end] != '"') end += tree[end] == '\\' ? 2 : 1;
  return tree.substr(at, std::min(end, tree.size()) - at);
}

void add_once(std::vector<std::string>& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

// The JSON list that begins at `at`, up to its closing bracket; brackets in names do not count.
std::string_view list_at(std::string_view tree, std::size_t at) {
  std::size_t end = at;
  while (end < tree.size() && tree[end] != ']')
    end += tree[end] == '"' ? quoted_at(tree, end + 1).size() + 2 : 1;
  return tree.substr(at, std::min(end, tree.size()) - at);
}

// [{"String":{"sval":"pg_catalog"}},{"String":{"sval":"count"}}] -> pg_catalog.count
std::string dotted_name(std::string_view list) {
  constexpr std::string_view kPart = "\"sval\":\"";
  std::string name;
  for (auto at = list.find(kPart); at != list.npos; at = list.find(kPart, at + 1)) {
    const auto part = quoted_at(list, at + kPart.size());
    if (!name.empty()) name += '.';
    name += has(part, ".") ? '"' + std::string(part) + '"' : std::string(part);
  }
  return name;
}

// Those of a schema alone: who may write to a schema that is searched may do more than that.
void add_operators(std::vector<std::string>& names, std::string_view tree) {
  for (const std::string_view key : {"\"name\":[", "\"operName\":[", "\"useOp\":["}) {
    for (auto at = tree.find(key); at != tree.npos; at = tree.find(key, at + 1)) {
      const auto name = dotted_name(list_at(tree, at + key.size()));
      const auto schema = name.find('.');
      const bool named = schema != name.npos && schema > 0;
      if (named && !name.starts_with("pg_catalog.")) add_once(names, "operator " + name);
    }
  }
}

std::vector<std::string> functions_in(std::string_view tree) {
  constexpr std::string_view kNames = "\"funcname\":[";
  std::vector<std::string> names;
  for (auto at = tree.find(kNames); at != tree.npos; at = tree.find(kNames, at + 1))
    add_once(names, dotted_name(list_at(tree, at + kNames.size())));
  add_operators(names, tree);
  // Other rows each time, unless its seed is given.
  if (count(tree, "RangeTableSample") > count(tree, "repeatable")) add_once(names, "tablesample");
  return names;
}

std::vector<std::string> relations_in(std::string_view tree) {
  constexpr std::string_view kRange = "\"RangeVar\":{";
  constexpr std::string_view kSchema = "\"schemaname\":\"";
  constexpr std::string_view kName = "\"relname\":\"";
  std::vector<std::string> names;
  for (auto at = tree.find(kRange); at != tree.npos; at = tree.find(kRange, at + 1)) {
    const auto name = tree.find(kName, at);
    const auto schema = tree.find(kSchema, at);
    std::string full;
    if (schema < name) full = std::string(quoted_at(tree, schema + kSchema.size())) + ".";
    add_once(names, full + std::string(quoted_at(tree, name + kName.size())));
  }
  return names;
}

StatementKind kind_of(std::string_view tree) {
  const bool one_select = count(tree, "stmt") == 1 && has(tree, "[{\"stmt\":{\"SelectStmt\":");
  for (const auto* effect : {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause",
                             "intoClause", "IntoClause"})
    if (count(tree, effect) > 0) return StatementKind::kOther;
  return one_select ? StatementKind::kReadOnlySelect : StatementKind::kOther;
}

Result<ParsedQuery> parse_here(std::string_view sql) {
  const std::string text(sql);
  const ParseTree tree(pg_query_parse(text.c_str()));
  if (tree.value.error != nullptr) return refused(*tree.value.error);
  const Normalized normalized(pg_query_normalize(text.c_str()));
  if (normalized.value.error != nullptr) return refused(*normalized.value.error);
  const Fingerprint fingerprint(pg_query_fingerprint(text.c_str()));
  if (fingerprint.value.error != nullptr) return refused(*fingerprint.value.error);

  QueryTemplate query_template;
  query_template.fingerprint = fingerprint.value.fingerprint;
  query_template.normalized = normalized.value.normalized_query;
  query_template.kind = kind_of(tree.value.parse_tree);
  query_template.shape = shape_of(tree.value.parse_tree);
  query_template.functions = functions_in(tree.value.parse_tree);
  query_template.relations = relations_in(tree.value.parse_tree);
  query_template.parameters = has(tree.value.parse_tree, "\"ParamRef\":");
  return ParsedQuery{std::make_shared<const QueryTemplate>(std::move(query_template)),
                     hashes_of(outline_of(sql).literals)};
}

}  // namespace

std::vector<std::uint64_t> hashes_of(const std::vector<std::string_view>& literals) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(literals.size());
  for (const auto literal : literals) hashes.push_back(stable_hash(literal));
  return hashes;
}

Result<ParsedQuery> parse_query(std::string_view sql) {
  if (sql.size() <= kShallowText) return parse_here(sql);
  if (sql.size() > kMaxParsedText)
    return fail(ErrorKind::kInvalidInput,
                "the statement has " + std::to_string(sql.size()) + " bytes, the parser takes " +
                    std::to_string(kMaxParsedText),
                "give a shorter one");
  Result<ParsedQuery> parsed;
  HINTD_TRY_STATUS(on_stack_of(sql.size() * kStackPerByte, [&] { parsed = parse_here(sql); }));
  return parsed;
}

std::string fingerprint_text(std::uint64_t fingerprint) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(fingerprint));
  return text;
}

Result<std::uint64_t> fingerprint_from(std::string_view text) {
  std::uint64_t fingerprint = 0;
  const auto end = text.data() + text.size();
  if (text.size() != 16 || std::from_chars(text.data(), end, fingerprint, 16).ptr != end)
    return fail(ErrorKind::kInvalidInput,
                "'" + std::string(text) + "' is not 16 hexadecimal digits",
                "give a template's id as hintd shows it");
  return fingerprint;
}

}  // namespace hintd
