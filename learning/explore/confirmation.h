// Whether a plan that looked faster is faster: paired runs of default and winner until the evidence
// is enough, by a sequential t-test on log ratios. A lucky measurement must not put a query on a
// slower plan.
#pragma once

#include <vector>

#include "learning/explore/replay.h"

namespace hintd::learning {

enum class PairVerdict { kMorePairs, kFaster, kNotFaster };

struct PairedTestConfig {
  int least_pairs = 8;
  int most_pairs = 16;
  double t = 4;  // mean log ratio must lie that many standard errors below 0
};

class PairedTest {
 public:
  explicit PairedTest(PairedTestConfig config = {}) : config_(config) {}
  PairVerdict add(double log_ratio);

 private:
  PairedTestConfig config_;
  int pairs_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

// What became of a replay's winners where executions are noisy. Latencies are the true ones.
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
                                   double noise_sd, Rng rng);

}  // namespace hintd::learning
