// What a policy would have done on traffic that another one served: a doubly robust estimate
// (Dudik, Langford and Li, 2011) with self-normalised weights (Swaminathan and Joachims, 2015).
//
// The quantity is the part of the default's time that the policy saves: below 0 it is slower. Where
// the logs hold too few runs of what the policy would choose, no claim is made.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace hintd::learning {

// One logged run, seen by the policy that is judged.
struct OffPolicySample {
  double default_ms = 0;       // what its statement takes under the default: its weight, above 0
  double saved = 0;            // observed: 1 - latency / default, of the arm that was run
  double model_of_logged = 0;  // the same as the model expects it of that arm
  double model_of_policy = 0;  // and of the arm that the policy chooses
  double propensity = 1;       // with which the logged arm was drawn, above 0
  bool same_arm = false;       // the policy chooses what was run
  bool changed = false;        // the policy chooses another arm than the default
};

struct OffPolicyEstimate {
  bool claimed = false;  // false: too little support, the figures say nothing
  double saved = 0;      // part of the default's time
  double lower = 0;      // 95 % one-sided bounds
  double upper = 0;
  double effective_runs = 0;  // of changed statements that were run as the policy would
  std::size_t samples = 0;
};

// Deterministic. Weights above `max_weight` are clipped: it biases towards the model and bounds
// the variance.
OffPolicyEstimate estimate_off_policy(std::span<const OffPolicySample> samples,
                                      double max_weight = 20);

}  // namespace hintd::learning
