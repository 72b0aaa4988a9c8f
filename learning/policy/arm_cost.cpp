#include "learning/policy/arm_cost.h"

#include <algorithm>

namespace hintd::learning {
namespace {

// Two runs side by side share memory and caches: as measured (docs/benchmarks.md) most statements
// do not notice, and some lose a quarter. A run with workers takes cores from the other.
constexpr SlowDown kSideBySide[] = {{0.8, 1.02}, {0.2, 1.25}};
constexpr SlowDown kSideBySideWorkers[] = {{1, 1.75}};
// Where the arm wins, the default is cancelled before the user's connection is free again.
constexpr double kCancelMs = 0.5;
// A run that was stopped would have taken somewhat longer than that.
constexpr double kBeyondBound = 1.3;

bool gains(const Sample& sample, ArmId arm) {
  const auto& known = sample.arms[arm];
  return known.measured && !known.same_plan && known.ms < sample.usual_ms;
}

}  // namespace

Sample::Sample(const StatementEvidence& evidence)
    : statement(&evidence), usual_ms(evidence.usual_ms()), arms(evidence.group_of_arm.size()) {
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const auto id = static_cast<ArmId>(i);
    const auto& runs = evidence.runs_of(id);
    auto& arm = arms[i];
    arm.same_plan = evidence.group_of_arm[i] == 0;
    arm.parallel = runs.parallel;
    arm.unusable = runs.unusable;
    if (const auto ratio = evidence.ratio(id)) {
      arm.ms = *ratio * usual_ms;
      arm.measured = true;
    } else {
      arm.ms = kBeyondBound * runs.longer_than_ms;
    }
  }
}

std::span<const SlowDown> slow_downs(bool parallel) {
  return parallel ? std::span<const SlowDown>(kSideBySideWorkers) : kSideBySide;
}

double mean_slow_down(bool parallel) {
  double mean = 0;
  for (const auto& [weight, factor] : slow_downs(parallel)) mean += weight * factor;
  return mean;
}

RunCost cost_of(const RunChoice& choice, double default_ms, double arm_ms, double slow_down) {
  if (choice.arm == kDefaultArm) return {default_ms, default_ms};
  if (!choice.hedged()) return {arm_ms, arm_ms};
  const double alone = choice.patience.count();
  if (default_ms <= alone) return {default_ms, default_ms};
  const double beside = slow_down * std::min(default_ms - alone, arm_ms);
  const double ending = arm_ms < default_ms - alone ? kCancelMs : 0;
  return {alone + beside + ending, alone + 2 * beside};
}

RunCost cost_of_switch(Millis switch_after, double default_ms, double arm_ms) {
  const double waited = switch_after.count();
  if (default_ms <= waited) return {default_ms, default_ms};
  const double ms = waited + kCancelMs + arm_ms;
  return {ms, ms};
}

bool is_faster_somewhere(const Pool& pool, ArmId arm) {
  bool faster = false;
  for (const auto* sample : pool) {
    if (sample->arms.empty()) continue;
    if (sample->arms[arm].unusable) return false;
    faster = faster || gains(*sample, arm);
  }
  return faster;
}

}  // namespace hintd::learning
