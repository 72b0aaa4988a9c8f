#include "dashboard/html.h"

namespace hintd::dashboard {

std::string escape(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

void HtmlTable::add(std::vector<std::string> cells, std::string_view mark) {
  body_ += mark.empty() ? "<tr>" : "<tr class=\"" + escape(mark) + "\">";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == 0)
      body_ += "<th scope=\"row\">" + escape(cells[i]) + "</th>";
    else
      body_ += (i < text_columns_ ? "<td class=\"text\">" : "<td>") + escape(cells[i]) + "</td>";
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  std::string head;
  for (std::size_t i = 0; i < headings_.size(); ++i)
    head += std::string("<th scope=\"col\"") + (i < text_columns_ ? " class=\"text\">" : ">") +
            escape(headings_[i]) + "</th>";
  return "<div class=\"wide\"><table>\n<thead><tr>" + head + "</tr></thead>\n<tbody>\n" + body_ +
         "</tbody></table></div>\n";
}

std::string section(const std::string& title, const std::string& note, const std::string& content) {
  if (content.empty()) return {};
  const auto below = note.empty() ? "" : "<p class=\"note\">" + escape(note) + "</p>\n";
  return "<section><h2>" + escape(title) + "</h2>\n" + below + content + "</section>\n";
}

std::string details(std::string_view summary, const std::string& content) {
  return "<details><summary>" + escape(summary) + "</summary>\n" + content + "</details>\n";
}

}  // namespace hintd::dashboard
