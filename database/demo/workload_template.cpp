#include "database/demo/workload_template.h"

#include <algorithm>

#include "core/check.h"

namespace hintd::database::demo {
namespace {

// Calls back with the text before each hole and the hole's name; answers the text after the last.
template <class Visit>
std::string_view visit_holes(std::string_view sql, Visit visit) {
  while (true) {
    const auto open = sql.find('{');
    if (open == std::string_view::npos) return sql;
    const auto close = sql.find('}', open);
    HINTD_CHECK(close != std::string_view::npos, "a template has a hole without an end");
    visit(sql.substr(0, open), sql.substr(open + 1, close - open - 1));
    sql.remove_prefix(close + 1);
  }
}

std::string escaped(std::string_view value) {
  std::string result;
  for (const char c : value) {
    if (c == '\'') result += c;
    result += c;
  }
  return result;
}

}  // namespace

std::string_view to_string(Shape shape) {
  constexpr std::string_view kNames[] = {"fan_out", "expression", "limit", "subquery", "hands_off"};
  return kNames[static_cast<std::size_t>(shape)];
}

std::string_view to_string(LiteralSource source) {
  constexpr std::string_view kNames[] = {"order_item", "event",  "review",
                                         "stock",      "market", "status"};
  return kNames[static_cast<std::size_t>(source)];
}

const std::vector<WorkloadTemplate>& workload_templates() {
  static const auto all = [] {
    std::vector<WorkloadTemplate> list;
    for (const auto part :
         {select_simple_templates(), join_two_tables_templates(), join_multiple_templates(),
          aggregation_templates(), analytical_templates()}) {
      list.insert(list.end(), part.begin(), part.end());
    }
    return list;
  }();
  return all;
}

std::vector<std::string> holes(std::string_view sql) {
  std::vector<std::string> names;
  visit_holes(sql, [&](std::string_view, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  });
  return names;
}

std::string filled(std::string_view sql, const std::vector<std::string>& names,
                   const std::vector<std::string>& values) {
  HINTD_CHECK(names.size() == values.size(), "a literal for each hole");
  std::string result;
  const auto rest = visit_holes(sql, [&](std::string_view before, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    HINTD_CHECK(found != names.end(), "a hole without a literal");
    result += before;
    result += escaped(values[found - names.begin()]);
  });
  return result += rest;
}

}  // namespace hintd::database::demo
