#include <cmath>
#include <map>
#include <unordered_map>

#include "core/statistics.h"
#include "learning/policy/arm_cost.h"
#include "learning/policy/policy_validator.h"

namespace hintd::learning {
namespace {

// Mean log-ratio of an arm over a template's measured statements; "no change" where none was.
double template_ratio(const PlanMemory::Statements& statements, ArmId arm) {
  double sum = 0;
  int n = 0;
  for (const auto& [id, statement] : statements) {
    if (!statement.planned()) continue;
    if (const auto ratio = statement.ratio(arm)) {
      sum += std::log(*ratio);
      ++n;
    }
  }
  return n == 0 ? 1 : std::exp(sum / n);
}

// What the plan memory expects a choice to save, part of the default's time.
double expected_saving(const PlanMemory& memory, const LoggedRun& run, double default_ms,
                       const RunChoice& choice) {
  if (choice.arm == kDefaultArm) return 0;
  const auto it = memory.templates().find(run.fingerprint);
  if (it == memory.templates().end()) return 0;
  auto ratio = template_ratio(it->second, choice.arm);
  auto beside = slow_downs(false, {});
  if (const auto known = it->second.find(run.statement);
      known != it->second.end() && known->second.planned()) {
    ratio = known->second.ratio(choice.arm).value_or(ratio);
    const auto& runs = known->second.runs_of(choice.arm);
    beside = slow_downs(runs.parallel, runs.slow_downs);
  }
  return 1 - cost_of(choice, default_ms, ratio * default_ms, mean_slow_down(beside)).user_ms /
                 default_ms;
}

std::unordered_map<std::uint64_t, double> default_medians(std::span<const LoggedRun> runs) {
  std::unordered_map<std::uint64_t, std::vector<double>> latencies;
  for (const auto& run : runs)
    if (run.arm == kDefaultArm && !run.failed && !run.hedged())
      latencies[run.fingerprint].push_back(run.latency_ms);
  std::unordered_map<std::uint64_t, double> medians;
  for (auto& [fingerprint, values] : latencies) medians[fingerprint] = median(std::move(values));
  return medians;
}

}  // namespace

std::vector<OffPolicySample> off_policy_samples(std::span<const LoggedRun> runs,
                                                const PlanMemory& memory, const Policy& policy) {
  const auto defaults = default_medians(runs);
  std::vector<OffPolicySample> samples;
  for (const auto& run : runs) {
    if (run.failed || run.hedged() || run.kind != RunKind::kUser || !(run.propensity > 0)) continue;
    const StatementEvidence* known = nullptr;
    if (const auto it = memory.templates().find(run.fingerprint); it != memory.templates().end())
      if (const auto found = it->second.find(run.statement); found != it->second.end())
        known = &found->second;
    double default_ms = known != nullptr ? known->default_ms() : 0;
    if (default_ms <= 0)
      if (const auto it = defaults.find(run.fingerprint); it != defaults.end())
        default_ms = it->second;
    if (default_ms <= 0) continue;

    PlannedState planned;
    if (known != nullptr) planned = {known->default_shape, known->features};
    DecisionRequest request{run.fingerprint, {}, nullptr};
    if (known != nullptr) request.literals = known->literals;
    if (known != nullptr && known->planned()) request.planned = &planned;
    const auto decision = policy.choose(request);
    if (decision.reason == DecisionReason::kNeedsPlan) continue;
    if (known == nullptr && decision.arm != kDefaultArm) continue;

    OffPolicySample sample;
    sample.default_ms = default_ms;
    sample.saved = 1 - run.latency_ms / default_ms;
    const RunChoice choice{decision.arm, decision.patience, decision.switch_after,
                           decision.takes_over};
    sample.model_of_logged = expected_saving(memory, run, default_ms, {run.arm, Millis(0)});
    sample.model_of_policy = expected_saving(memory, run, default_ms, choice);
    sample.propensity = run.propensity;
    sample.same_arm = decision.arm == run.arm && !choice.hedged();
    sample.changed = decision.arm != kDefaultArm;
    samples.push_back(sample);
  }
  return samples;
}

}  // namespace hintd::learning
