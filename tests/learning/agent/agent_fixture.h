// What the agent's tests share: a small network that learns in a second, and states to learn from.
#pragma once

#include <string>
#include <vector>

#include "learning/agent/dqn_agent.h"

namespace hintd::learning {

inline constexpr int kArms = 4;

inline AgentConfig small_config() {
  AgentConfig config;
  config.hidden_sizes = {32};
  config.heads = 5;
  config.batch_size = 32;
  config.train_steps_per_observation = 1;
  config.learning_rate = 3e-3;
  return config;
}

inline std::vector<std::string> arm_names(int arms) {
  std::vector<std::string> names = {"default"};
  for (int i = 1; i < arms; ++i) names.push_back("arm_" + std::to_string(i));
  return names;
}

inline std::vector<ArmId> all_arms(int arms) {
  std::vector<ArmId> all;
  for (int i = 0; i < arms; ++i) all.push_back(static_cast<ArmId>(i));
  return all;
}

inline FeatureVector random_state(Rng& rng) {
  FeatureVector state;
  for (auto& feature : state) feature = static_cast<float>(rng.uniform());
  return state;
}

inline DqnAgent make_agent(const AgentConfig& config, int arms, std::uint64_t seed) {
  return DqnAgent::create(config, arm_names(arms), Rng(seed)).value();
}

// Observes and trains `n` times on the given transitions in turn.
inline void learn(DqnAgent& agent, const std::vector<Transition>& transitions, int n) {
  for (int i = 0; i < n; ++i) {
    agent.observe(transitions[i % transitions.size()]);
    agent.train();
  }
}

}  // namespace hintd::learning
