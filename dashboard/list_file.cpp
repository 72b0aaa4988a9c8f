#include "dashboard/list_file.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "core/log.h"

namespace hintd::dashboard {
namespace {

// A cell of CSV (RFC 4180). What a spreadsheet would take for a formula is disarmed.
std::string csv_cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string cell_text(const Json& value) {
  if (value.is_string()) return csv_cell(value.get<std::string>());
  return value.is_null() ? "" : value.dump();
}

class Writer {
 public:
  explicit Writer(ListFile file) : file_(std::move(file)) {}

  Result<std::optional<std::string>> next() {
    if (ended_) return std::nullopt;
    auto items = file_.page(before_);
    if (!items) {
      log_warning("export_broken_off", {{"file", file_.name}, {"error", items.error().text()}});
      return tl::make_unexpected(items.error());
    }
    ended_ = static_cast<std::int64_t>(items->size()) < kListFilePage;
    auto text = file_.csv ? csv_of(*items) : json_of(*items);
    if (!items->empty()) before_ = items->back()[file_.key].get<std::int64_t>();
    begun_ = true;
    if (text.empty()) return std::nullopt;
    return text;
  }

 private:
  std::string csv_of(const Json& items) const {
    std::string text;
    for (const auto& item : items) {
      if (!begun_ && text.empty()) text = line_of(item, true);
      text += line_of(item, false);
    }
    return text;
  }

  static std::string line_of(const Json& item, bool names) {
    std::string line;
    for (const auto& [name, value] : item.items())
      line += (line.empty() ? "" : ",") + (names ? csv_cell(name) : cell_text(value));
    return line + "\r\n";
  }

  std::string json_of(const Json& items) const {
    std::string text = begun_ ? "" : "[";
    bool first = !begun_;
    for (const auto& item : items) {
      text += (first ? "\n" : ",\n") + text_of(item);
      first = false;
    }
    return ended_ ? text + "\n]\n" : text;
  }

  ListFile file_;
  std::int64_t before_ = std::numeric_limits<std::int64_t>::max();
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

HttpResponse list_file(ListFile file) {
  HttpResponse response;
  response.type = file.csv ? "text/csv; charset=utf-8" : "application/json";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Content-Disposition",
                       "attachment; filename=\"" + file.name + (file.csv ? ".csv\"" : ".json\"")}};
  auto writer = std::make_shared<Writer>(std::move(file));
  response.stream = [writer] { return writer->next(); };
  return response;
}

}  // namespace hintd::dashboard
