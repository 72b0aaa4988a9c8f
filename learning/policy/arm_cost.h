// What measurements say of the statements of a template, and what a run costs as it was chosen.
#pragma once

#include <span>
#include <vector>

#include "core/plan_memory.h"
#include "core/policy.h"

namespace hintd::learning {

// What measurements say of one arm for one statement.
struct ArmSample {
  double ms = 0;           // of a run that was stopped its bound, and somewhat more; 0: never run
  bool measured = false;   // to its end
  bool same_plan = false;  // as the default's
  bool parallel = false;
  bool unusable = false;  // failed, or gave other rows
};

// A statement of which it is known how long it takes under the default.
struct Sample {
  explicit Sample(const StatementEvidence& evidence);

  const StatementEvidence* statement;
  double usual_ms;
  // Forecast from its literals (learning/policy/forecast.h), log ms: by what the others took, and
  // as a rule will.
  double by_others = 0;
  double by_all = 0;
  std::vector<ArmSample> arms;  // empty where the statement was not planned
};

using Pool = std::vector<const Sample*>;

struct RunCost {
  double user_ms = 0;    // until the rows are there
  double server_ms = 0;  // of both runs where two were made
};

// Of a statement that takes `default_ms` under the default and `arm_ms` under the choice's arm,
// where two runs side by side slow each other by `slow_down` (a factor, 1: not at all).
RunCost cost_of(const RunChoice& choice, double default_ms, double arm_ms, double slow_down);

// By how much the default's run and the arm's, side by side, slow each other, and how often.
struct SlowDown {
  double weight = 1;  // all add up to 1
  double factor = 1;
};
using SlowDowns = std::vector<SlowDown>;

// What is expected where `measured` (PlanRuns::slow_downs, of the template's statements) was found.
// `parallel`: the arm's plan has workers; then measurements are not heeded.
SlowDowns slow_downs(bool parallel, std::span<const double> measured);
double mean_slow_down(const SlowDowns& slow_downs);

// What was measured of the arm beside the default, on all statements of the pool.
std::vector<double> measured_slow_downs(const Pool& pool, ArmId arm);

// By how much the arm slows a default beside it: the geometric mean of what was measured, and of
// two measurements that lost nothing, for much of a few is noise.
double measured_slow_down(const Pool& pool, ArmId arm);

// The largest part by which a statement of the pool was measured to become slower than under its
// default where it runs as chosen and both slow each other by `slow_down`; 0: none did. What a run
// would have taken after it was stopped is not known and does not count.
double measured_risk(const RunChoice& choice, const Pool& pool, double slow_down);

// Was the arm faster on any statement of the pool, and is it usable on all?
bool is_faster_somewhere(const Pool& pool, ArmId arm);

}  // namespace hintd::learning
