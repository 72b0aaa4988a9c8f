#include "learning/policy/latency_model.h"

#include <algorithm>
#include <cmath>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

// Spread of log latencies over a template's literals before any is known, and how many statements
// that is worth.
constexpr double kUsualSd = 0.9;
constexpr double kUsualSdWeight = 3;
// The same about an arm's line.
constexpr double kArmSd = 0.3;
constexpr double kArmSdWeight = 1;
// Sum of squares that the slope before it is known is worth.
constexpr double kSlopeWeight = 0.5;

// Three points of equal weight, so many standard deviations away, have a normal's variance.
constexpr double kKernel[] = {-1.2247, 0, 1.2247};

// Log latencies of one arm's runs, over those of the default.
struct Runs {
  std::vector<double> usual;
  std::vector<double> arm;

  double slope(double before) const {
    const double x_mean = mean(usual);
    const double y_mean = mean(arm);
    double xx = 0;
    double xy = 0;
    for (std::size_t i = 0; i < usual.size(); ++i) {
      xx += (usual[i] - x_mean) * (usual[i] - x_mean);
      xy += (usual[i] - x_mean) * (arm[i] - y_mean);
    }
    return std::clamp((xy + kSlopeWeight * before) / (xx + kSlopeWeight), 0.0, 1.0);
  }
};

ArmLatency fit(const Runs& runs, double log_at, double slope) {
  ArmLatency model;
  model.log_at = log_at;
  model.slope = runs.slope(slope);
  std::vector<double> levels;
  for (std::size_t i = 0; i < runs.arm.size(); ++i)
    levels.push_back(runs.arm[i] - model.slope * (runs.usual[i] - log_at));
  model.log_level = median(levels);
  const auto [fastest, slowest] = std::minmax_element(runs.usual.begin(), runs.usual.end());
  model.log_from = *fastest;
  model.log_to = *slowest;
  double squares = kArmSdWeight * kArmSd * kArmSd;
  for (const double level : levels)
    squares += (level - model.log_level) * (level - model.log_level);
  model.log_sd = std::sqrt(squares / (static_cast<double>(levels.size()) + kArmSdWeight));
  return model;
}

}  // namespace

DefaultModel model_default(const Pool& pool, Forecast forecast) {
  std::vector<double> logs;
  for (const auto* sample : pool)
    logs.push_back(std::log(sample->usual_ms) + (forecast ? *forecast - sample->by_others : 0));
  DefaultModel model{mean(logs), 0, logs};
  double squares = kUsualSdWeight * kUsualSd * kUsualSd;
  for (const double log_ms : logs) squares += (log_ms - model.log_mean) * (log_ms - model.log_mean);
  model.log_sd = std::sqrt(squares / (static_cast<double>(logs.size()) + kUsualSdWeight));
  return model;
}

ArmLatency model_arm(const Pool& pool, ArmId arm, double slope) {
  const double log_at = model_default(pool, {}).log_mean;
  Runs measured;
  Runs stopped;
  bool parallel = false;
  for (const auto* sample : pool) {
    if (sample->arms.empty()) continue;
    const auto& run = sample->arms[arm];
    parallel = parallel || run.parallel;
    if (run.same_plan || run.ms <= 0) continue;
    auto& runs = run.measured ? measured : stopped;
    runs.usual.push_back(std::log(sample->usual_ms));
    runs.arm.push_back(std::log(run.ms));
  }
  ArmLatency model;
  if (measured.arm.empty()) {
    model.log_at = model.log_level = log_at;
    model.slope = 1;
  } else {
    model = fit(measured, log_at, slope);
    // A run that was stopped says something only where it was expected to end sooner.
    for (std::size_t i = 0; i < stopped.arm.size(); ++i) {
      measured.usual.push_back(stopped.usual[i]);
      measured.arm.push_back(std::max(stopped.arm[i], model.log_ms(stopped.usual[i])));
    }
    model = fit(measured, log_at, slope);
  }
  model.parallel = parallel;
  return model;
}

double log_ms_like(const Sample& known, ArmId id, const ArmLatency& arm, double log_default_ms) {
  const double line = arm.log_ms(log_default_ms);
  if (known.arms.empty()) return line;
  const auto& run = known.arms[id];
  if (run.same_plan) return log_default_ms;
  if (run.ms <= 0) return line;
  const double like = std::log(run.ms) + arm.slope * (log_default_ms - std::log(known.usual_ms));
  return run.measured ? like : std::max(like, line);
}

std::vector<Typical> typical(const Pool& pool, Forecast forecast, ArmId id, const ArmLatency& arm) {
  const auto usual = model_default(pool, forecast);
  const auto n = static_cast<double>(pool.size());
  const double width = 1.06 * usual.log_sd * std::pow(n, -0.2);
  std::vector<Typical> result;
  for (std::size_t i = 0; i < pool.size(); ++i)
    for (const double z : kKernel) {
      const double log_default = usual.log_ms[i] + z * width;
      result.push_back({1 / (n * std::size(kKernel)), std::exp(log_default),
                        std::exp(log_ms_like(*pool[i], id, arm, log_default))});
    }
  return result;
}

double chance_of_ratio(const std::vector<Typical>& statements, const ArmLatency& arm,
                       double alone_ms, double ratio) {
  double chance = 0;
  for (const auto& [weight, default_ms, arm_ms] : statements) {
    if (default_ms <= alone_ms) continue;
    const double left_ms = ratio * default_ms - alone_ms;
    chance += left_ms > 0 ? weight * normal_cdf(std::log(arm_ms / left_ms) / arm.log_sd) : weight;
  }
  return chance;
}

}  // namespace hintd::learning
