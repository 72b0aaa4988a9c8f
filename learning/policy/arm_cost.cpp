#include "learning/policy/arm_cost.h"

#include <algorithm>

namespace hintd::learning {
namespace {

// Two runs side by side share memory and caches; one with workers takes cores from the other.
constexpr double kSideBySide = 1.05;
constexpr double kSideBySideWorkers = 1.5;
// Where the arm wins, the default is cancelled before the user's connection is free again.
constexpr double kCancelMs = 1;
// A run that was stopped would have taken somewhat longer than that.
constexpr double kBeyondBound = 1.3;

bool gains(const Sample& sample, ArmId arm, Evidence evidence) {
  const auto& known = sample.arms[arm];
  const bool counts = evidence == Evidence::kVerified ? known.paired : known.measured;
  return counts && !known.same_plan && known.ms < sample.usual_ms;
}

}  // namespace

Sample::Sample(const StatementEvidence& evidence)
    : statement(&evidence), usual_ms(evidence.usual_ms()), arms(evidence.group_of_arm.size()) {
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const auto id = static_cast<ArmId>(i);
    const auto& runs = evidence.runs_of(id);
    auto& arm = arms[i];
    arm.same_plan = evidence.group_of_arm[i] == 0;
    arm.paired = runs.paired();
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

double slow_down(bool parallel) {
  return parallel ? kSideBySideWorkers : kSideBySide;
}

RunCost cost_of(const RunChoice& choice, double default_ms, double arm_ms, bool parallel) {
  if (choice.arm == kDefaultArm) return {default_ms, default_ms};
  if (!choice.hedged()) return {arm_ms, arm_ms};
  const double alone = choice.patience.count();
  if (default_ms <= alone) return {default_ms, default_ms};
  const double beside = slow_down(parallel) * std::min(default_ms - alone, arm_ms);
  const double ending = arm_ms < default_ms - alone ? kCancelMs : 0;
  return {alone + beside + ending, alone + 2 * beside};
}

bool is_faster_somewhere(const Pool& pool, ArmId arm, Evidence evidence) {
  bool faster = false;
  for (const auto* sample : pool) {
    if (sample->arms.empty()) continue;
    if (sample->arms[arm].unusable) return false;
    faster = faster || gains(*sample, arm, evidence);
  }
  return faster;
}

}  // namespace hintd::learning
