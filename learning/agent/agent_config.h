// Every hyperparameter of level 0. The meta-learner varies them; a run prints them whole at its
// start.
#pragma once

#include <vector>

#include "core/result.h"

namespace hintd::learning {

inline constexpr int kMaxHiddenSize = 512;
inline constexpr int kMaxHeads = 16;

// What the agent plays while it learns.
enum class Exploration {
  kThompson,  // the best arm of one head, drawn anew for each choice
  kGreedy,    // the best arm of the heads' mean
};

struct AgentConfig {
  // Network
  std::vector<int> hidden_sizes = {128, 128};  // units per hidden layer, 1..512; 1 to 4 layers
  int heads = 8;             // bootstrapped heads, 1..16; 5 to 10 are enough for a useful spread
  double prior_mean = 0.3;   // log-ratio expected of an arm never tried, -3..3; above 0: slower
  double prior_scale = 0.5;  // standard deviation over the heads of that belief, log-ratio, 0..5

  // Training
  double learning_rate = 1e-3;          // Adam's, 1e-6..1
  double weight_decay = 1e-4;           // decoupled, per unit of learning rate, 0..1
  double gradient_clip = 1.0;           // largest norm of a gradient, 1e-3..1e3
  int batch_size = 64;                  // transitions an update, 1..4096
  int train_steps_per_observation = 2;  // updates a call of train(), 1..100
  double discount = 0.0;                // weight of the next query's cost, 0..0.99
  int target_update_steps = 200;        // updates between copies to the target network, 1..1e6
  int replay_capacity = 20000;          // transitions kept (350 bytes each), 1..1e7
  double bootstrap_probability = 0.8;   // chance that a head learns from a transition, 0.05..1

  // Exploring
  Exploration exploration = Exploration::kThompson;
  double epsilon_start = 0.1;      // chance of a uniform choice at the start, 0..1
  double epsilon_end = 0.02;       // and after the decay, 0..epsilon_start
  int epsilon_decay_steps = 1000;  // observations over which it falls linearly, 1..1e9

  // Serving
  double risk_bound = 1.0;  // standard deviations added to a cost before it may win, 0..10

  // Cost of a run (learning/agent/reward.h)
  double latency_weight = 1.0;   // of the log-ratio of latencies, 0..100
  double resource_weight = 0.1;  // of the log-ratio of blocks touched, 0..100
  double failure_penalty = 3.0;  // added where the run failed, log-ratio, 0..100
};

// kInvalidInput, naming the first setting out of range as learning.agent.<field>.
Status validate(const AgentConfig& config);

}  // namespace hintd::learning
