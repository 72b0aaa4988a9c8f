// How long the statements of a template take, those not met yet included: like those known, more or
// less, by what each one's literals forecast. Under the default by a kernel density estimate of log
// latencies; under an arm lognormal about a line in log latencies, between the same for all
// statements (slope 0) and a part of the default's (slope 1). Both start from weak priors, so that
// few statements say little.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>

#include "learning/policy/arm_cost.h"

namespace hintd::learning {

struct DefaultModel {
  double log_mean = 0;  // of ms
  double log_sd = 1;
  std::vector<double> log_ms;  // of the statements known
};

struct ArmLatency {
  double log_at = 0;     // log ms of a default's latency
  double log_level = 0;  // log ms of the arm there
  double slope = 0;
  double log_sd = 1;  // about the line
  // Log ms of the fastest and the slowest statement that it was run on.
  double log_from = 0;
  double log_to = std::numeric_limits<double>::infinity();
  bool parallel = false;

  // What was not run on faster statements is not taken to be any faster there, and what was not run
  // on slower ones not to save a larger part of them.
  double log_ms(double log_default_ms) const {
    const double beyond = std::max(0.0, log_default_ms - log_to);
    return log_level + slope * (std::clamp(log_default_ms, log_from, log_to) - log_at) + beyond;
  }
};

// Of a statement whose literals forecast this latency, in log ms: each one known stands for one
// that takes as much more or less than its own forecast. Without: of any. `pool` is not empty.
using Forecast = std::optional<double>;
DefaultModel model_default(const Pool& pool, Forecast forecast);
// `slope` is what the arm's is taken for before statements that differ say otherwise.
ArmLatency model_arm(const Pool& pool, ArmId arm, double slope);

// Log ms under the arm of a statement like the known one: from what that took, along the arm's
// slope; on its line where the arm was not run there.
double log_ms_like(const Sample& known, ArmId id, const ArmLatency& arm, double log_default_ms);

// Statements that stand for a template's, and how often each comes; the weights add up to 1: around
// each statement known, by a normal kernel of Silverman's width (Density Estimation for Statistics
// and Data Analysis, 1986, eq. 3.28).
struct Typical {
  double weight = 0;
  double default_ms = 0;
  double arm_ms = 0;
};
std::vector<Typical> typical(const Pool& pool, Forecast forecast, ArmId id, const ArmLatency& arm);

// Chance that a statement takes more than `ratio` times the default's latency where the default has
// `alone_ms` for itself and is then ended for the arm.
double chance_of_ratio(const std::vector<Typical>& statements, const ArmLatency& arm,
                       double alone_ms, double ratio);

}  // namespace hintd::learning
