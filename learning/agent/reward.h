// What a run was worth, as one number. The sign of the whole of level 0: a cost, so 0 is "as the
// default", -0.69 is "twice as fast", and the agent picks the arm with the smallest Q.
#pragma once

#include <cstdint>

#include "core/clock.h"
#include "learning/agent/agent_config.h"

namespace hintd::learning {

// What a template's default takes.
struct DefaultRun {
  Millis latency{0};
  std::int64_t blocks = 0;  // shared buffers hit and read, 8 KiB each
};

struct ArmRun {
  Millis latency{0};  // up to the deadline when timed_out
  std::int64_t blocks = 0;
  bool timed_out = false;
  bool failed = false;
};

// latency_weight * log(latency / default latency)
//   + resource_weight * log((blocks + 1) / (default blocks + 1)), the log clipped to +-3
//   + failure_penalty where the run failed.
// Latencies below a microsecond count as one. A run that timed out has no resource term: how many
// blocks it would have touched is not known.
float cost_of(const ArmRun& run, const DefaultRun& default_run, const AgentConfig& config);

}  // namespace hintd::learning
