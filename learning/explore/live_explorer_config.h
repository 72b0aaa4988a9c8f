#pragma once

namespace hintd::learning {

// How the explorer looks for faster plans on a live database, off the users' path.
struct LiveExplorerConfig {
  // Statements of a template on which every promising plan is tried before a rule is
  // proposed. 1..20.
  int search_statements = 4;
  // The search of a template ends when the best try promises less than this: seconds won per second
  // spent. 0..10.
  double stop_gain = 0.005;
  // Tries of the search at a time, on both connections; more than one where the server has nothing
  // else to do. 1..2.
  int tries_at_once = 1;
  // No run takes longer. ms, 10..3600000.
  double max_statement_ms = 10'000;
};

}  // namespace hintd::learning
