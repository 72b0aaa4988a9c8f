// The statements of the demo's traffic, with holes for literals.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/demo/workload_config.h"

namespace hintd::database::demo {

// Why a planner may be wrong about a template, which is what held-out templates are stratified by.
enum class Shape {
  kFanOut,      // a small dimension filtered by name before one or two fact tables
  kExpression,  // filters whose selectivity the planner can only guess
  kLimit,       // ORDER BY ... LIMIT whose filter is elsewhere
  kSubquery,    // semi-joins, anti-joins, aggregates and CTEs joined again, recursive trees
  kHandsOff,    // nothing to win: point look-ups and the like
};
inline constexpr std::size_t kShapes = 5;
std::string_view to_string(Shape shape);

// The rows that a template's literals are taken from: one random row fills all holes of a query, so
// literals carry the skew and the correlations of the data.
enum class LiteralSource {
  kOrderItem,
  kEvent,
  kReview,
  kStock,   // products in warehouses: every product counts alike, however it sells
  kMarket,  // countries, quarters and root categories: each has a manager with the same reports
  kStatus,
};
inline constexpr std::size_t kLiteralSources = 6;
std::string_view to_string(LiteralSource source);

struct WorkloadTemplate {
  std::string_view name;
  QueryClass query_class;
  Shape shape;
  LiteralSource source;
  std::string_view sql;  // a hole is {column}, a column of the source
};

// All templates, class by class, in a fixed order.
const std::vector<WorkloadTemplate>& workload_templates();

// By class, each in a file of its own.
std::span<const WorkloadTemplate> select_simple_templates();
std::span<const WorkloadTemplate> join_two_tables_templates();
std::span<const WorkloadTemplate> join_multiple_templates();
std::span<const WorkloadTemplate> aggregation_templates();
std::span<const WorkloadTemplate> analytical_templates();

// The names of the holes of a template, each once, in order of appearance.
std::vector<std::string> holes(std::string_view sql);

// The statement with its holes filled; values are escaped for use inside quotes.
std::string filled(std::string_view sql, const std::vector<std::string>& names,
                   const std::vector<std::string>& values);

}  // namespace hintd::database::demo
