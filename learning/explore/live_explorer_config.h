#pragma once

namespace hintd::learning {

// How the explorer looks for faster plans on a live database, off the users' path.
struct LiveExplorerConfig {
  // Statements of a template on which every promising plan is tried before one arm is
  // verified. 1..20.
  int search_statements = 4;
  // Statements of a template that an arm is verified on, as traffic brings them. 1..100.
  int verify_statements = 10;
  // Pairs of runs, default and arm in turn, on each statement that an arm is verified on. 1..50.
  int verify_pairs = 1;
  // The same where they do not tell clearly whether the arm is faster or slower. 1..50.
  int verify_pairs_near_line = 3;
  // The search of a template ends when the best try promises less than this: seconds won per second
  // spent. 0..10.
  double stop_gain = 0.005;
  // No run takes longer. ms, 10..3600000.
  double max_statement_ms = 10'000;
};

}  // namespace hintd::learning
