#include "core/sql_script.h"

#include <pg_query.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "core/sql_tokens.h"

namespace hintd {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

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

// Fails where the text cannot be scanned at all.
Status check_scan(const std::string& script) {
  const std::unique_ptr<PgQuerySplitResult, FreeSplit> split(
      new PgQuerySplitResult(pg_query_split_with_scanner(script.c_str())));
  if (split->error == nullptr) return {};
  const auto place = static_cast<std::size_t>(std::max(0, split->error->cursorpos - 1));
  return fail(ErrorKind::kInvalidInput,
              "line " + std::to_string(line_of(script, std::min(place, script.size()))) + ": " +
                  split->error->message,
              "correct the statement there");
}

// The texts between the semicolons that stand outside quotes and comments.
std::vector<std::string_view> parts_of(std::string_view script) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  for_each_sql_token(script, [&](const SqlToken& token) {
    if (token.text != ";") return;
    const auto end = static_cast<std::size_t>(token.text.data() - script.data());
    parts.push_back(script.substr(from, end - from));
    from = end + 1;
  });
  parts.push_back(script.substr(from));
  return parts;
}

}  // namespace

Result<std::vector<ScriptStatement>> split_script(std::string_view text) {
  if (const auto nul = text.find('\0'); nul != text.npos)
    return fail(ErrorKind::kInvalidInput,
                "line " + std::to_string(line_of(text, nul)) + " holds a NUL byte",
                "give a text file of SQL statements");
  const auto script = without_psql_commands(text);
  HINTD_TRY_STATUS(check_scan(script));
  std::vector<ScriptStatement> statements;
  for (const auto part : parts_of(script)) {
    auto rest = trimmed(part);
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
  std::string name;  // the last token, where it is one
  for_each_sql_token(sql, [&](const SqlToken& token) {
    if (token.text == "(" && !name.empty()) names.push_back(name);
    name.clear();
    if (token.kind == SqlToken::Kind::kQuotedName)
      name = token.text.substr(1, token.text.size() - 2);
    if (token.kind == SqlToken::Kind::kWord)
      for (const char c : token.text)
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return names;
}

bool has_parameters(std::string_view sql) {
  bool found = false;
  for_each_sql_token(sql, [&](const SqlToken& token) {
    found = found ||
            (token.kind == SqlToken::Kind::kWord && token.text.size() > 1 && token.text[0] == '$' &&
             std::isdigit(static_cast<unsigned char>(token.text[1])) != 0);
  });
  return found;
}

}  // namespace hintd
