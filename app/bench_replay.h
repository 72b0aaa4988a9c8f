// hintd bench replay: how fast a strategy finds gain on a measured latency matrix.
#pragma once

#include <filesystem>
#include <string>

namespace hintd::app {

struct BenchReplayOptions {
  std::filesystem::path matrix;    // CSV (learning/explore/latency_matrix.h)
  std::string strategy = "hintd";  // random, greedy, limeqo, hintd
  int seeds = 10;                  // 1 or more; seed 1, 2, ...
  double until = 2;                // x at which a replay ends, above 0
  std::filesystem::path trace;     // folder for one trace per seed; empty: none written
  bool json = false;
  double noise_sd = 0;     // of each execution's log latency, 0 or more
  bool bootstrap = false;  // each seed replays rows drawn anew with replacement
};

// The exit status; what went wrong has been said on stderr.
int bench_replay(const BenchReplayOptions& options);

}  // namespace hintd::app
