// What a plan of a live statement promises before it was run: the agent's heads, corrected by what
// the template's other statements showed, and the timeout that makes most of a try.
#pragma once

#include <vector>

#include "core/plan_memory.h"
#include "learning/agent/q_snapshot.h"

namespace hintd::learning {

inline constexpr double kShortestTimeoutMs = 2;  // below it cancelling costs more than it saves

// Belief about log(latency / default latency): a normal, and with probability `tail` one much lower
// and wider. Without the tail a good plan found early would end the search for a much better one.
struct Belief {
  double mean = 0;
  double sd = 1;
  double tail = 0;
  double at_least = 0;  // ratio that runs were stopped at; 0: none was
};

// About the plan that the arms of the group give. `others`: statements of the template whose
// default was measured.
Belief believe(const QValues& heads, const StatementEvidence& statement, std::uint16_t group,
               const std::vector<const StatementEvidence*>& others);

struct Gain {
  double score = 0;  // expected seconds won per expected second spent
  double timeout_ms = 0;
};

// The best timeout of at least `shortest_ms` for a try, `best_ms` being the least latency known
// (learning/explore/acquisition.h).
Gain best_gain(const Belief& belief, double default_ms, double best_ms, double shortest_ms);

// Of a run that may take as long as the default does, whatever else is known to be faster; nothing
// where a run was stopped as late. For arms that serve only where they were measured to the end.
Gain whole_gain(const Belief& belief, double default_ms, double longer_than_ms);

}  // namespace hintd::learning
