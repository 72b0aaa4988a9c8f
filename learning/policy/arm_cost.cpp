#include "learning/policy/arm_cost.h"

#include <algorithm>
#include <cmath>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

// Two runs side by side share memory and caches; one with workers takes cores from the other.
constexpr double kSideBySide = 1.05;
constexpr double kSideBySideWorkers = 1.5;
// Where the arm wins, the default is cancelled before the user's connection is free again.
constexpr double kCancelMs = 1;
// A run that was stopped would have taken somewhat longer than that.
constexpr double kBeyondBound = 1.3;

double squares_about_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares;
}

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

ArmForecast forecast(const Pool& pool, ArmId arm) {
  ArmForecast result;
  std::vector<double> log_ms;
  std::vector<double> log_ratios;
  for (const auto* sample : pool) {
    if (sample->arms.empty()) continue;
    const auto& known = sample->arms[arm];
    result.parallel = result.parallel || known.parallel;
    if (known.same_plan || known.ms <= 0) continue;
    log_ms.push_back(std::log(known.ms));
    log_ratios.push_back(std::log(known.ms / sample->usual_ms));
  }
  const auto n = static_cast<double>(log_ms.size());
  const double middle = median(log_ms);
  result.median_ms = std::exp(middle);
  // Its latency is either much the same for all statements or a part of the default's.
  const bool proportional = n > 1 && squares_about_mean(log_ratios) < squares_about_mean(log_ms);
  const double middle_ratio = median(log_ratios);
  for (const auto* sample : pool) {
    const double known = sample->arms.empty() ? 0 : sample->arms[arm].ms;
    const double usual = std::log(sample->usual_ms);
    const double guess = proportional ? middle_ratio + usual : middle;
    result.ms.push_back(known > 0 ? known : std::exp((guess * n + usual) / (n + 1)));
  }
  return result;
}

}  // namespace hintd::learning
