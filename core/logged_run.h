// A statement that was run, as telemetry remembers it: what policies are learned and judged from
// afterwards.
#pragma once

#include <cstdint>

#include "core/clock.h"
#include "core/event.h"

namespace hintd {

struct LoggedRun {
  TimePoint time;
  std::uint64_t fingerprint = 0;
  std::uint64_t statement = 0;  // PlanMemory::id_of; 0 where it is not known
  RunKind kind = RunKind::kUser;
  ArmId arm = kDefaultArm;
  DecisionReason reason = DecisionReason::kUnknownTemplate;
  std::uint32_t policy_version = 0;
  double propensity = 1;
  double latency_ms = 0;      // end to end
  double arm_latency_ms = 0;  // of the run under the arm; at least that long when timed_out
  bool timed_out = false;
  bool failed = false;

  // The default ran first, and an arm may have joined in: `arm` gave the rows, and which one does
  // hangs on how long both take. It says nothing of either alone.
  bool hedged() const { return reason == DecisionReason::kHedged; }
};

}  // namespace hintd
