// Text as HTML. Everything that is not written in this program goes through escape().
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hintd::dashboard {

// Safe between tags and within quoted attributes.
std::string escape(std::string_view text);

// A table that scrolls sideways where it is too wide. Cells are text, not HTML; the first column is
// each row's heading, the others are set as figures unless said otherwise.
class HtmlTable {
 public:
  explicit HtmlTable(std::vector<std::string> headings, std::size_t text_columns = 1)
      : headings_(std::move(headings)), text_columns_(text_columns) {}
  // `mark` is a class of the row's: "worse", "better" or none.
  void add(std::vector<std::string> cells, std::string_view mark = {});
  bool empty() const { return body_.empty(); }
  std::string html() const;

 private:
  std::vector<std::string> headings_;
  std::size_t text_columns_;
  std::string body_;
};

// A part of a page with its heading and a note below it; nothing where there is no content.
// `content` is HTML.
std::string section(const std::string& title, const std::string& note, const std::string& content);

// Folded away until asked for. `content` is HTML.
std::string details(std::string_view summary, const std::string& content);

}  // namespace hintd::dashboard
