// Replays a measured latency matrix under a strategy. Rules: the defaults are known and free; a
// trial is charged min(latency, timeout); below the timeout its latency is observed exactly, by all
// arms of the plan group; the score is the sum over queries of the best fully observed latency;
// x = charge so far / total default latency.
#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <vector>

#include "learning/explore/latency_matrix.h"

namespace hintd::learning {

// One execution, as a line of the trace: query,hint,timeout_s,charge_s,completed.
struct TraceLine {
  std::size_t query = 0;
  ArmId hint = 0;
  double timeout_s = 0;
  double charge_s = 0;  // the latency when completed
  bool completed = false;
};

struct ReplayRun {
  std::vector<TraceLine> trace;
  double model_s = 0;  // physical time spent inside the strategy
};

struct ReplayRules {
  double until = 2;     // stop at this x
  double noise_sd = 0;  // each execution is the cell times exp(N(0, noise_sd))
};

// `progress` is called after each execution with x; it may be empty.
ReplayRun replay(const LatencyMatrix& matrix, const ExplorationProblem& problem, Strategy& strategy,
                 const ReplayRules& rules, Rng rng,
                 const std::function<void(double)>& progress = {});

// Workload latency over x, from a trace and the matrix's default column alone.
class Curve {
 public:
  Curve(const LatencyMatrix& matrix, const std::vector<TraceLine>& trace);
  // After the last execution that was over at x, seconds.
  double at(double x) const;
  // Mean workload latency over [0, x], seconds: the area under the curve divided by x.
  double mean_until(double x) const;

 private:
  struct Point {
    double x;
    double seconds;
  };
  std::vector<Point> points_;
};

void write_trace(std::ostream& out, const LatencyMatrix& matrix,
                 const std::vector<TraceLine>& trace);
// kInvalidInput with the line for one that does not fit the matrix.
Result<std::vector<TraceLine>> read_trace(std::istream& in, const LatencyMatrix& matrix);

}  // namespace hintd::learning
