#include "config/settings_manual.h"

#include "config/settings_table.h"

namespace hintd::config {
namespace {

std::string allowed_with_unit(const SettingRow& row) {
  return allowed_text(row) + (row.unit.empty() ? "" : " " + std::string(row.unit));
}

const char* takes_effect(const SettingRow& row) {
  return changes_live(row) ? "reload" : "restart";
}

std::string default_text(const SettingRow& row) {
  return value_text(row, row.get(Settings{}));
}

// What troff would take for a request or an escape.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

}  // namespace

std::string settings_markdown() {
  std::string text =
      "| setting | default | what may stand there | takes effect | meaning "
      "|\n|---|---|---|---|---|\n";
  for (const auto& row : settings_table())
    text += "| `" + std::string(row.key) + "` | `" + default_text(row) + "` | " +
            allowed_with_unit(row) + " | " + takes_effect(row) + " | " + std::string(row.meaning) +
            " |\n";
  return text;
}

std::string settings_manual() {
  std::string text =
      ".TH HINTD.YAML 5 \"\" \"hintd\" \"File Formats\"\n.SH NAME\nhintd.yaml \\- settings of "
      "hintd\n"
      ".SH DESCRIPTION\nA YAML file; sections nest at the dots of the keys below. The environment "
      "overrides it: HINTD_LOG_LEVEL for log.level. Each setting takes effect at a reload (SIGHUP) "
      "or "
      "at a restart, as it says.\n.SH SETTINGS\n";
  for (const auto& row : settings_table())
    text += ".TP\n.BR " + troff(row.key) + " \" (default " + troff(default_text(row)) + ")\"\n" +
            troff(row.meaning) + ". " + troff(allowed_with_unit(row)) + "; at a " +
            takes_effect(row) + ".\n";
  return text + ".SH SEE ALSO\n.BR hintd (1)\n";
}

}  // namespace hintd::config
