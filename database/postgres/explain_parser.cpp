#include "database/postgres/explain_parser.h"

#include <array>
#include <nlohmann/json.hpp>

namespace hintd::database {
namespace {

using nlohmann::json;

// What a plan's identity rests on beside its shape, in EXPLAIN's own order.
constexpr std::array kDetails = {
    "Subplan Name",   "CTE Name",        "Workers Planned", "Index Cond",    "Order By",
    "Recheck Cond",   "TID Cond",        "Hash Cond",       "Merge Cond",    "Join Filter",
    "Filter",         "One-Time Filter", "Sort Key",        "Presorted Key", "Group Key",
    "Grouping Sets",  "Cache Key",       "Cache Mode",      "Run Condition", "Function Name",
    "Sampling Method"};

std::string text_of(const json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double number_of(const json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() ? found->get<double>() : 0.0;
}

std::int64_t count_of(const json& node, const char* key) {
  return static_cast<std::int64_t>(number_of(node, key));
}

std::string detail_of(const json& node) {
  std::string detail;
  for (const auto* key : kDetails) {
    const auto found = node.find(key);
    if (found == node.end()) continue;
    if (!detail.empty()) detail += "; ";
    detail += std::string(key) + ": ";
    detail += found->is_string() ? found->get<std::string>() : found->dump();
  }
  return detail;
}

// "Parallel Partial Hashed", "Backward", ...: how the node goes about it.
std::string strategy_of(const json& node) {
  std::vector<std::string> words;
  if (node.value("Parallel Aware", false)) words.push_back("Parallel");
  if (text_of(node, "Partial Mode") != "Simple") words.push_back(text_of(node, "Partial Mode"));
  words.push_back(text_of(node, "Strategy"));
  if (text_of(node, "Scan Direction") != "Forward")
    words.push_back(text_of(node, "Scan Direction"));
  std::string strategy;
  for (const auto& word : words)
    if (!word.empty()) strategy += (strategy.empty() ? "" : " ") + word;
  return strategy;
}

PlanNode node_of(const json& from) {
  PlanNode node;
  node.type = from.at("Node Type").get<std::string>();
  node.join_type = text_of(from, "Join Type");
  node.strategy = strategy_of(from);
  node.relation = text_of(from, from.contains("Alias") ? "Alias" : "Relation Name");
  node.index = text_of(from, "Index Name");
  node.detail = detail_of(from);
  node.startup_cost = number_of(from, "Startup Cost");
  node.total_cost = number_of(from, "Total Cost");
  node.rows = number_of(from, "Plan Rows");
  node.width = number_of(from, "Plan Width");
  if (from.contains("Actual Rows"))
    node.actual_rows = number_of(from, "Actual Rows") * number_of(from, "Actual Loops");
  if (const auto plans = from.find("Plans"); plans != from.end())
    for (const auto& child : *plans) node.children.push_back(node_of(child));
  return node;
}

// Of buffers, the root counts its own and those of all below it.
Analysis analysis_of(const json& answer) {
  const auto& plan = answer.at("Plan");
  Analysis analysis;
  analysis.plan.root = node_of(plan);
  analysis.execution.latency =
      Millis(answer.at("Planning Time").get<double>() + answer.at("Execution Time").get<double>());
  analysis.execution.rows = count_of(plan, "Actual Rows");
  analysis.blocks_hit = count_of(plan, "Shared Hit Blocks");
  analysis.blocks_read = count_of(plan, "Shared Read Blocks");
  analysis.temp_blocks = count_of(plan, "Temp Written Blocks");
  return analysis;
}

template <class Read>
auto read_answer(std::string_view text, Read read) -> Result<decltype(read(json()))> {
  try {
    return read(json::parse(text).at(0));
  } catch (const json::exception& error) {
    return fail(ErrorKind::kCorrupt,
                std::string("EXPLAIN answered something other than a plan: ") + error.what(),
                "check that the server is PostgreSQL 15 or later");
  }
}

}  // namespace

Result<PlanTree> parse_explain(std::string_view text) {
  return read_answer(text, [](const json& answer) { return PlanTree{node_of(answer.at("Plan"))}; });
}

Result<Analysis> parse_analysis(std::string_view text) {
  return read_answer(text, analysis_of);
}

}  // namespace hintd::database
