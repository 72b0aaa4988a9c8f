#pragma once

#include <string>
#include <vector>

namespace hintd::telemetry {

// Lines up columns for a terminal: the first to the left, the others to the right, two spaces
// between and before. Every row has as many cells as there are headings.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : rows_{std::move(headings)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hintd::telemetry
