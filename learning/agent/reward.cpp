#include "learning/agent/reward.h"

#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

constexpr Millis kShortest{0.001};
// A plan that reads an index in place of a table may touch a thousandth of the blocks; beyond
// twenty-fold that says no more about what the query costs others.
constexpr double kMaxResourceLog = 3.0;

double latency_log(const ArmRun& run, const DefaultRun& default_run) {
  return std::log(std::max(run.latency, kShortest) / std::max(default_run.latency, kShortest));
}

double resource_log(const ArmRun& run, const DefaultRun& default_run) {
  if (run.timed_out) return 0;
  const double ratio =
      (static_cast<double>(run.blocks) + 1) / (static_cast<double>(default_run.blocks) + 1);
  return std::clamp(std::log(ratio), -kMaxResourceLog, kMaxResourceLog);
}

}  // namespace

float cost_of(const ArmRun& run, const DefaultRun& default_run, const AgentConfig& config) {
  return static_cast<float>(config.latency_weight * latency_log(run, default_run) +
                            config.resource_weight * resource_log(run, default_run) +
                            (run.failed ? config.failure_penalty : 0.0));
}

}  // namespace hintd::learning
