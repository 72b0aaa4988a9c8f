#include "core/sql_script.h"

#include <pg_query.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace hintd {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// psql's commands as spaces: places in the text stay what they were.
std::string without_psql_commands(std::string_view text) {
  std::string blanked(text);
  for (std::size_t start = 0; start < blanked.size();) {
    const auto end = std::min(blanked.find('\n', start), blanked.size());
    if (blanked[start] == '\\') std::fill(blanked.begin() + start, blanked.begin() + end, ' ');
    start = end + 1;
  }
  return blanked;
}

std::size_t line_of(std::string_view text, std::size_t place) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

struct FreeSplit {
  void operator()(PgQuerySplitResult* result) const {
    pg_query_free_split_result(*result);
    delete result;
  }
};

// Past the quoted text that begins at `at`.
std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  const auto end = sql.find(quote, at + 1);
  return end == sql.npos ? sql.size() : end + 1;
}

}  // namespace

Result<std::vector<ScriptStatement>> split_script(std::string_view text) {
  if (const auto nul = text.find('\0'); nul != text.npos)
    return fail(ErrorKind::kInvalidInput,
                "line " + std::to_string(line_of(text, nul)) + " holds a NUL byte",
                "give a text file of SQL statements");
  const auto script = without_psql_commands(text);
  const std::unique_ptr<PgQuerySplitResult, FreeSplit> split(
      new PgQuerySplitResult(pg_query_split_with_scanner(script.c_str())));
  if (split->error != nullptr) {
    const auto place = static_cast<std::size_t>(std::max(0, split->error->cursorpos - 1));
    return fail(ErrorKind::kInvalidInput,
                "line " + std::to_string(line_of(script, std::min(place, script.size()))) + ": " +
                    split->error->message,
                "correct the statement there");
  }
  std::vector<ScriptStatement> statements;
  for (int i = 0; i < split->n_stmts; ++i) {
    const auto from = static_cast<std::size_t>(split->stmts[i]->stmt_location);
    const auto whole =
        std::string_view(script).substr(from, static_cast<std::size_t>(split->stmts[i]->stmt_len));
    auto rest = trimmed(whole);
    std::string_view comment;
    while (rest.starts_with("--")) {
      const auto end = std::min(rest.find('\n'), rest.size());
      comment = trimmed(rest.substr(2, end - 2));
      rest = trimmed(rest.substr(end));
    }
    if (rest.empty()) continue;
    const auto begin = static_cast<std::size_t>(rest.data() - script.data());
    statements.push_back({std::string(rest), std::string(comment), line_of(script, begin)});
  }
  return statements;
}

std::vector<std::string> called_names(std::string_view sql) {
  std::vector<std::string> names;
  std::string word;  // the one that ended last, empty after anything but space
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    if (c == '\'') {
      at = skip_quoted(sql, at);
      word.clear();
    } else if (c == '"') {
      const auto end = skip_quoted(sql, at);
      word = sql.substr(at + 1, end - at - 2);
      at = end;
    } else if (is_word(c)) {
      word.clear();
      for (; at < sql.size() && is_word(sql[at]); ++at)
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(sql[at])));
    } else {
      if (c == '(' && !word.empty()) names.push_back(word);
      if (kSpace.find(c) == kSpace.npos) word.clear();
      ++at;
    }
  }
  return names;
}

bool has_parameters(std::string_view sql) {
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '\'' || sql[at] == '"') {
      at = skip_quoted(sql, at);
    } else if (is_word(sql[at]) && sql[at] != '$') {
      while (at < sql.size() && is_word(sql[at])) ++at;
    } else if (sql[at] == '$' && at + 1 < sql.size() &&
               std::isdigit(static_cast<unsigned char>(sql[at + 1])) != 0) {
      return true;
    } else {
      ++at;
    }
  }
  return false;
}

}  // namespace hintd
