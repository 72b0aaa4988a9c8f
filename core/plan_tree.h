// A plan as EXPLAIN tells it. Values, no ownership beyond the tree itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/hint_set.h"

namespace hintd {

struct PlanNode {
  std::string type;       // "Hash Join", "Seq Scan", ...
  std::string join_type;  // "Inner", "Semi", ...; empty when not a join
  std::string strategy;   // "Hashed", "Sorted", ... and "Parallel" where the node is parallel-aware
  std::string relation;   // alias of the table scanned; empty otherwise
  std::string index;      // index used; empty otherwise
  std::string detail;     // conditions and keys as EXPLAIN prints them: holds literals
  double startup_cost = 0;
  double total_cost = 0;
  double rows = 0;                    // estimated
  double width = 0;                   // bytes a row, estimated
  std::optional<double> actual_rows;  // per loop times loops, only after EXPLAIN ANALYZE
  std::vector<PlanNode> children;
};

struct PlanTree {
  PlanNode root;

  // The same for two plans that do the same things to the same tables in the same order, whatever
  // the literals and estimates are. Tells the literals of a template apart.
  std::uint64_t shape_hash() const;
  // Would workers run parts of it?
  bool parallel() const;
  // The same for two plans of one statement that run alike: shape, conditions and keys, and for
  // plans that use memory the settings that bound it. Two arms with one identity are one arm for
  // that statement.
  std::uint64_t identity(const HintSet& hint_set) const;
};

// Calls visit(node, depth) for the node and all below it, parents first.
template <class Visit>
void for_each_node(const PlanNode& node, Visit&& visit, int depth = 0) {
  visit(node, depth);
  for (const auto& child : node.children) for_each_node(child, visit, depth + 1);
}

// The tree as indented lines, one node each: type, relation, index, estimated (and actual) rows,
// cost.
std::string to_text(const PlanTree& plan);

}  // namespace hintd
