#include <cstdio>

#include "config/secrets.h"
#include "config/settings.h"
#include "config/settings_table.h"

namespace hintd::config {
namespace {

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[7];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

// A double-quoted string means the same in YAML and JSON.
std::string value_quoted(const SettingRow& row, const Value& value) {
  const bool text = std::holds_alternative<std::string>(value) || !row.limits.names.empty();
  return text ? double_quoted(without_passwords(value_text(row, value))) : value_text(row, value);
}

std::string indent(std::size_t depth) {
  return std::string(depth * 2, ' ');
}

std::vector<std::string_view> parts_of(std::string_view key) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const auto end = std::min(key.find('.', begin), key.size());
    parts.push_back(key.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

std::string to_yaml(const Settings& settings) {
  std::string yaml =
      "# Every setting with its default. An environment variable overrides each: HINTD_LOG_LEVEL\n"
      "# for log.level.\n";
  std::vector<std::string_view> open;  // sections we are in
  for (const auto& row : settings_table()) {
    const auto parts = parts_of(row.key);
    std::size_t depth = 0;
    while (depth + 1 < parts.size() && depth < open.size() && open[depth] == parts[depth]) ++depth;
    for (open.resize(depth); depth + 1 < parts.size(); ++depth) {
      if (depth == 0) yaml += '\n';
      yaml += indent(depth) + std::string(parts[depth]) + ":\n";
      open.push_back(parts[depth]);
    }
    yaml += indent(depth) + "# " + std::string(row.meaning) + " (" + allowed_text(row) +
            (row.unit.empty() ? "" : " " + std::string(row.unit)) + ")\n";
    yaml += indent(depth) + std::string(parts.back()) + ": " +
            value_quoted(row, row.get(settings)) + "\n";
  }
  return yaml;
}

std::string to_json(const Settings& settings) {
  std::string json = "{";
  for (const auto& row : settings_table()) {
    if (json.size() > 1) json += ", ";
    json += double_quoted(row.key) + ": " + value_quoted(row, row.get(settings));
  }
  return json + "}";
}

}  // namespace hintd::config
