#include "learning/agent/agent_config.h"

#include <sstream>

namespace hintd::learning {
namespace {

struct Range {
  std::string name;
  double value;
  double low;
  double high;
};

std::vector<Range> ranges_of(const AgentConfig& c) {
  std::vector<Range> ranges = {
      {"hidden_sizes.length", static_cast<double>(c.hidden_sizes.size()), 1, 4},
      {"heads", static_cast<double>(c.heads), 1, kMaxHeads},
      {"prior_mean", c.prior_mean, -3, 3},
      {"prior_scale", c.prior_scale, 0, 5},
      {"learning_rate", c.learning_rate, 1e-6, 1},
      {"weight_decay", c.weight_decay, 0, 1},
      {"gradient_clip", c.gradient_clip, 1e-3, 1e3},
      {"batch_size", static_cast<double>(c.batch_size), 1, 4096},
      {"train_steps_per_observation", static_cast<double>(c.train_steps_per_observation), 1, 100},
      {"discount", c.discount, 0, 0.99},
      {"target_update_steps", static_cast<double>(c.target_update_steps), 1, 1e6},
      {"replay_capacity", static_cast<double>(c.replay_capacity), 1, 1e7},
      {"bootstrap_probability", c.bootstrap_probability, 0.05, 1},
      {"epsilon_start", c.epsilon_start, 0, 1},
      {"epsilon_end", c.epsilon_end, 0, c.epsilon_start},
      {"epsilon_decay_steps", static_cast<double>(c.epsilon_decay_steps), 1, 1e9},
      {"risk_bound", c.risk_bound, 0, 10},
      {"latency_weight", c.latency_weight, 0, 100},
      {"resource_weight", c.resource_weight, 0, 100},
      {"failure_penalty", c.failure_penalty, 0, 100},
  };
  for (std::size_t i = 0; i < c.hidden_sizes.size(); ++i) {
    const auto name = "hidden_sizes[" + std::to_string(i) + "]";
    ranges.push_back({name, static_cast<double>(c.hidden_sizes[i]), 1, kMaxHiddenSize});
  }
  return ranges;
}

}  // namespace

Status validate(const AgentConfig& config) {
  for (const auto& [name, value, low, high] : ranges_of(config)) {
    // Written so that a NaN is out of range too.
    if (value >= low && value <= high) continue;
    std::ostringstream message, remedy;
    message << "learning.agent." << name << " is " << value;
    remedy << "set it to " << low << ".." << high;
    return fail(ErrorKind::kInvalidInput, message.str(), remedy.str());
  }
  return {};
}

}  // namespace hintd::learning
