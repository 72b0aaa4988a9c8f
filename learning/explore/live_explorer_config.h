#pragma once

namespace hintd::learning {

// How the explorer looks for faster plans on a live database, off the users' path.
struct LiveExplorerConfig {
  // Statements of a template on which every promising plan is tried. 1..20.
  int search_statements = 4;
  // Nothing more is done for a template when the best step promises less than this: seconds won per
  // second spent. 0..10.
  double stop_gain = 0.005;
  // Tries of the search at a time, on both connections; more than one where the server has nothing
  // else to do. 1..2.
  int tries_at_once = 1;
  // No run takes longer. ms, 10..3600000.
  double max_statement_ms = 10'000;
};

}  // namespace hintd::learning
