#include "telemetry/tune_advice.h"

#include <cctype>

#include "core/query_template.h"
#include "telemetry/format.h"

namespace hintd::telemetry {
namespace {

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

// Literals as pg_hint_plan writes them: ? for $1.
std::string with_question_marks(std::string_view normalized) {
  std::string out;
  for (std::size_t at = 0; at < normalized.size(); ++at) {
    const bool parameter = normalized[at] == '$' && at + 1 < normalized.size() &&
                           std::isdigit(static_cast<unsigned char>(normalized[at + 1])) != 0;
    out += parameter ? '?' : normalized[at];
    while (parameter && at + 1 < normalized.size() &&
           std::isdigit(static_cast<unsigned char>(normalized[at + 1])) != 0)
      ++at;
  }
  return out;
}

std::string hints_text(const HintSet& set) {
  std::string text;
  for (const auto& [name, value] : set.settings)
    text += (text.empty() ? "Set(" : " Set(") + name + " \"" + value + "\")";
  return text;
}

std::string as_comment(const std::string& sql) {
  std::string out = "-- ";
  for (const char c : sql) out += c == '\n' ? std::string("\n-- ") : std::string(1, c);
  return out;
}

std::string insert(const TunedTemplate& one, const HintSet& set) {
  return "INSERT INTO hint_plan.hints (norm_query_string, application_name, hints) VALUES (\n" +
         sql_literal(with_question_marks(one.normalized)) + ",\n'', " +
         sql_literal(hints_text(set)) + ");";
}

}  // namespace

std::string hint_table_sql(const TunedPolicy& policy) {
  std::string sql =
      "-- For pg_hint_plan with pg_hint_plan.enable_hint_table = on. A row holds for every literal "
      "of\n"
      "-- its statement, and for the very text: psql sends the closing ';' along, so add it for "
      "psql.\n"
      "BEGIN;\n";
  for (const auto& one : policy.templates) {
    sql += "\n-- template " + fingerprint_text(one.fingerprint) + ", " +
           std::to_string(one.statements.size()) + " of " + std::to_string(one.measured) +
           " measured statements confirmed\n";
    if (const auto* set = policy.find_hint(one.hint)) {
      sql += insert(one, *set) + "\n";
    } else {
      const auto& first = one.statements.front();
      sql += "-- not proved for other literals than those of " + first.name +
             "; remove the dashes at your own risk\n" +
             as_comment(insert(one, *policy.find_hint(first.hint))) + "\n";
    }
  }
  return sql + "\nCOMMIT;\n";
}

std::string set_local_snippets(const TuneReport& report) {
  std::string sql;
  for (const auto& line : report.lines) {
    if (!line.evidence) continue;
    const auto& one = *line.evidence;
    const auto* set = report.policy.find_hint(one.hint);
    sql += "-- " + line.name + ": " + one.hint + ", " + ms_text(one.default_ms) + " -> " +
           ms_text(one.tuned_ms) + " ms\nBEGIN;\n" + (set != nullptr ? set->set_local_sql() : "") +
           "\n" + line.sql + ";\nCOMMIT;\n\n";
  }
  return sql;
}

}  // namespace hintd::telemetry
