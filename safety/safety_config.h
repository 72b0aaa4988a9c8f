#pragma once

#include "core/clock.h"

namespace hintd::safety {

// What a fault or a bad hint may cost at most.
struct SafetyConfig {
  // Past this multiple of its template's default latency a run under a hint is joined by the
  // default or, over one connection, stopped and re-run under it. 1..100.
  double deadline_multiple = 1.5;
  // No deadline is shorter where a run is stopped past it: below it a machine's hiccups would
  // decide. ms, 1..60000.
  Millis min_deadline{50};
  // No statement runs longer, whoever asks. ms, 10..3600000.
  Millis max_statement{60'000};
  // Runs in a row that failed or were far slower than the default after which an arm is left alone
  // for a template, and failed runs in a row after which the server is. 1..100.
  int max_consecutive_failures = 3;
  // The same for a template whatever the arm, an arm whatever the template, and hinting as a whole.
  // 1..100.
  int max_failures_everywhere = 5;
  // How long an arm is left alone before it gets one more chance; doubled each time it is found
  // slower again. s, 0..2592000.
  Seconds cooldown{3'600};
  // How long the server is left alone. ms, 0..60000.
  Millis failure_pause{500};
  // A policy is taken back when it is slower than the default by more than this part. 0..10.
  double rollback_threshold = 0.15;
  // Chance that an arm or a policy that is no slower is ever taken back. 1e-6..0.5.
  double false_alarms = 0.005;
  // Over any of these exploring stops, then learning; never serving. Shares of the host's
  // processors and memory and of the server's max_connections, 0..1; MB, 0..1e9.
  double max_cpu = 0.9;
  double max_memory = 0.9;
  double max_connections = 0.8;
  double min_free_disk_mb = 500;
};

}  // namespace hintd::safety
