#pragma once

namespace hintd::database::demo {

// The simulated life of a database: three phases on a calendar, and the examination at its end.
struct SimulationConfig {
  double duration_days = 10;      // simulated, 0.01..3650
  double queries_per_hour = 18;   // mean over the day; nights are quiet, 0.01..100000
  double baseline_share = 0.15;   // of the duration, 0.01..0.9; the learning phase follows
  double learning_share = 0.7;    // of the duration, 0.01..0.9; the rest is the optimised phase
  double explore_budget_s = 120;  // of exploring and proving over the learning phase, 0..86400
  double explore_ratio = 2;       // at least so many times what its users' statements take, 0..1000
  int tries_at_once = 2;          // of the explorer, which has the server to itself, 1..2
  double inline_share = 0.1;      // of users' statements the agent may try an arm on, 0..1
  int proxied_statements = 100;   // sent through a proxy at the end, and directly, 0..100000
  int evaluation_pairs = 5;  // runs of default and learned, in turn, per evaluated query, 5..1000
};

}  // namespace hintd::database::demo
