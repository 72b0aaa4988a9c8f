#include "learning/policy/arm_cost.h"

#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

// Two runs side by side share memory and caches: as measured (docs/benchmarks.md) most statements
// do not notice, and some lose a quarter. A run with workers takes cores from the other: by how
// much hangs on the statement, so that measuring one says little of the next.
constexpr SlowDown kSideBySide[] = {{0.75, 1.02}, {0.15, 1.12}, {0.1, 1.3}};
constexpr double kSideBySideWorkers = 1.75;
// Standard deviation of the logarithm of a measured factor.
constexpr double kSlowDownNoise = 0.08;
// Measurements of 1 that are added to those: two runs of one statement differ by as much as
// templates do.
constexpr double kDoubts = 2;
// Until the arm's run has found a core of its own: little, but much for a fast statement.
constexpr double kJoinMs = 1;
// Where the arm wins, the default is cancelled before the user's connection is free again.
constexpr double kCancelMs = 0.5;
// A run that was stopped would have taken somewhat longer than that.
constexpr double kBeyondBound = 1.3;

bool gains(const Sample& sample, ArmId arm) {
  const auto& known = sample.arms[arm];
  return known.measured && !known.same_plan && known.ms < sample.usual_ms;
}

// The statement's latency under the choice over that under its default, as far as it was measured.
double measured_ratio(const RunChoice& choice, const Sample& sample, double slow_down) {
  const double alone = choice.patience.count();
  if (sample.arms.empty() || sample.usual_ms <= alone) return 1;
  const auto& arm = sample.arms[choice.arm];
  const double arm_ms =
      arm.measured ? arm.ms : sample.statement->runs_of(choice.arm).longer_than_ms;
  if (!choice.hedged() || choice.takes_over) return (alone + arm_ms) / sample.usual_ms;
  const double left = sample.usual_ms - alone;
  const double both = std::min(left, arm_ms);
  const double rest = arm.measured ? 0 : left - both;
  return (alone + slow_down * both + rest) / sample.usual_ms;
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

SlowDowns slow_downs(bool parallel, std::span<const double> measured) {
  if (parallel) return {{1, kSideBySideWorkers}};
  SlowDowns result(std::begin(kSideBySide), std::end(kSideBySide));
  double all = 0;
  for (auto& [weight, factor] : result) {
    for (const double found : measured) {
      const double z = std::log(found / factor) / kSlowDownNoise;
      weight *= std::max(std::exp(-z * z / 2), 1e-12);
    }
    all += weight;
  }
  for (auto& one : result) one.weight /= all;
  return result;
}

double mean_slow_down(const SlowDowns& slow_downs) {
  double sum = 0;
  for (const auto& [weight, factor] : slow_downs) sum += weight * factor;
  return sum;
}

RunCost cost_of(const RunChoice& choice, double default_ms, double arm_ms, double slow_down) {
  if (choice.arm == kDefaultArm) return {default_ms, default_ms};
  if (!choice.hedged()) return {arm_ms, arm_ms};
  const double alone = choice.patience.count();
  if (default_ms <= alone) return {default_ms, default_ms};
  if (choice.takes_over) {
    const double ms = alone + kCancelMs + arm_ms;
    return {ms, ms};
  }
  const double beside = slow_down * std::min(default_ms - alone, arm_ms);
  const double ending = arm_ms < default_ms - alone ? kCancelMs : 0;
  return {alone + kJoinMs + beside + ending, alone + 2 * beside};
}

std::vector<double> measured_slow_downs(const Pool& pool, ArmId arm) {
  std::vector<double> measured;
  for (const auto* sample : pool) {
    if (sample->arms.empty()) continue;
    const auto& found = sample->statement->runs_of(arm).slow_downs;
    measured.insert(measured.end(), found.begin(), found.end());
  }
  return measured;
}

double measured_slow_down(const Pool& pool, ArmId arm) {
  const auto measured = measured_slow_downs(pool, arm);
  double logs = 0;
  for (const double factor : measured) logs += std::log(factor);
  return std::exp(logs / (static_cast<double>(measured.size()) + kDoubts));
}

double measured_risk(const RunChoice& choice, const Pool& pool, double slow_down) {
  double risk = 0;
  for (const auto* sample : pool)
    risk = std::max(risk, measured_ratio(choice, *sample, slow_down) - 1);
  return risk;
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
