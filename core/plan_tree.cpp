#include "core/plan_tree.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/rng.h"

namespace hintd {
namespace {

bool uses_memory(const PlanNode& node) {
  static constexpr std::array kTypes = {
      "Sort",     "Incremental Sort", "Hash",  "Materialize", "Memoize",      "Bitmap Heap Scan",
      "CTE Scan", "Recursive Union",  "SetOp", "WindowAgg",   "Function Scan"};
  return node.strategy.find("Hashed") != std::string::npos ||
         std::find(kTypes.begin(), kTypes.end(), node.type) != kTypes.end();
}

std::uint64_t hash_node(std::uint64_t hash, const PlanNode& node, int depth, bool with_detail) {
  hash = hash_combine(hash, static_cast<std::uint64_t>(depth));
  for (const auto* part :
       {&node.type, &node.join_type, &node.strategy, &node.relation, &node.index})
    hash = hash_combine(hash, stable_hash(*part));
  return with_detail ? hash_combine(hash, stable_hash(node.detail)) : hash;
}

std::uint64_t hash_tree(const PlanNode& root, bool with_detail) {
  std::uint64_t hash = 0;
  for_each_node(root, [&](const PlanNode& node, int depth) {
    hash = hash_node(hash, node, depth, with_detail);
  });
  return hash;
}

}  // namespace

std::uint64_t PlanTree::shape_hash() const {
  return hash_tree(root, false);
}

bool PlanTree::parallel() const {
  bool workers = false;
  for_each_node(root, [&](const PlanNode& node, int) {
    workers = workers || node.type == "Gather" || node.type == "Gather Merge";
  });
  return workers;
}

std::uint64_t PlanTree::identity(const HintSet& hint_set) const {
  const std::uint64_t hash = hash_tree(root, true);
  bool memory = false;
  for_each_node(root, [&](const PlanNode& node, int) { memory = memory || uses_memory(node); });
  return memory ? hash_combine(hash, stable_hash(hint_set.execution_settings())) : hash;
}

std::string to_text(const PlanTree& plan) {
  std::string text;
  for_each_node(plan.root, [&](const PlanNode& node, int depth) {
    text += std::string(static_cast<std::size_t>(depth) * 2, ' ') + node.type;
    if (!node.join_type.empty() && node.join_type != "Inner") text += " (" + node.join_type + ")";
    if (!node.strategy.empty()) text += " [" + node.strategy + "]";
    if (!node.relation.empty()) text += " on " + node.relation;
    if (!node.index.empty()) text += " using " + node.index;
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "  rows=%.0f cost=%.0f", node.rows, node.total_cost);
    text += numbers;
    if (node.actual_rows) {
      std::snprintf(numbers, sizeof numbers, " actual=%.0f", *node.actual_rows);
      text += numbers;
    }
    text += '\n';
  });
  return text;
}

}  // namespace hintd
