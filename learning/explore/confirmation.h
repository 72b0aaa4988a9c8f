// What became of a replay's winners where executions are noisy: a lucky measurement must not put a
// query on a slower plan.
#pragma once

#include <vector>

#include "learning/explore/paired_test.h"
#include "learning/explore/replay.h"

namespace hintd::learning {

// Latencies are the true ones.
struct ConfirmationReport {
  int winners = 0;  // queries whose best observation was not the default
  int confirmed = 0;
  int worse_before = 0;  // queries on an arm truly slower than 1.1 x their default: unconfirmed ...
  int worse_after = 0;   // ... and with confirmed winners alone
  double workload_before_s = 0;
  double workload_after_s = 0;
  double charge_s = 0;  // of the paired runs, both sides
};

ConfirmationReport confirm_winners(const LatencyMatrix& matrix, const std::vector<TraceLine>& trace,
                                   double noise_sd, Rng rng, const PairedTestConfig& config = {});

}  // namespace hintd::learning
