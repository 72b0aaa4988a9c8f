// The trained network: torch inside, plain floats outside. Everything random in it comes from the
// given Rng, and torch computes on one thread, so that the same seed and data give the same weights
// on one machine. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "learning/agent/agent_config.h"
#include "learning/agent/network_layout.h"
#include "learning/agent/replay_buffer.h"

namespace hintd::learning {

// All that a network is, flat (learning/agent/network_layout.h).
struct NetworkState {
  std::vector<float> weights;
  std::vector<float> target;  // the target network's
  std::vector<float> prior;
  std::vector<float> adam_mean;    // Adam's first moments
  std::vector<float> adam_square;  // and second
  std::int64_t steps = 0;          // updates done
};

QShape q_shape(const AgentConfig& config, int arms);

NetworkState initial_network(const QShape& shape, const AgentConfig& config, Rng& rng);

class QNetwork {
 public:
  // Sizes in `state` fit `shape`.
  QNetwork(QShape shape, const AgentConfig& config, const NetworkState& state);
  ~QNetwork();
  QNetwork(QNetwork&&) noexcept;
  QNetwork& operator=(QNetwork&&) noexcept;

  struct Step {
    double loss = 0;    // before the update, mean over the batch and its heads
    double spread = 0;  // standard deviation over the heads of the batch's Q(s, a)
  };
  // One update by Adam with decoupled weight decay (Loshchilov and Hutter, 2019) on the Huber loss
  // of Q(s, a) against cost + discount * min over a' of the target network's Q(s', a'), head by
  // head, each on the transitions of its bootstrap sample. A censored transition is a loss only
  // where the prediction lies below it. What torch throws here (no memory) ends the program.
  Step train(std::span<const Experience* const> batch) noexcept;

  // q[(i * heads + head) * arms + arm] for state i: what QSnapshot answers, by torch.
  std::vector<float> evaluate(std::span<const FeatureVector> states) const;

  // The two that make the function, a part of state().
  struct Function {
    std::vector<float> weights;
    std::vector<float> prior;
  };
  Function function() const;
  NetworkState state() const;

 private:
  struct Tensors;
  std::unique_ptr<Tensors> tensors_;
};

}  // namespace hintd::learning
