#pragma once

#include "core/clock.h"
#include "learning/explore/paired_test.h"

namespace hintd::learning {

struct TunerConfig {
  // Wall time for everything: the default's runs, planning, exploring, confirming. Above 0.
  Millis budget{600'000};
  // No run takes longer. ms, 10..3600000.
  Millis max_statement{60'000};
  // A statement whose default takes less is left alone. ms, 0 or more.
  double min_latency_ms = 2;
  // Machines hiccup: one pair more than under tidy noise. What a proof may cost is the budget's
  // affair. Latencies are reported, so no default is stopped.
  PairedTestConfig confirm{.least_pairs = 3, .pays_within = 1e9, .default_multiple = 1e9};
  // Plans of a statement that may be put to the proof, fastest first. 1 or more.
  int most_candidates = 3;
  // A hint holds for every literal of a template once it was proved on so many of its statements.
  // 1 or more.
  int min_statements = 4;
  // and none of them became slower by more than this part. 0..1.
  double max_regression = 0.05;
};

}  // namespace hintd::learning
