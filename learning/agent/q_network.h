// The trained network: torch inside, plain floats outside. Everything random in it comes from the
// given Rng, and torch computes on one thread, so that the same seed and data give the same weights
// on one machine. Not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "learning/agent/network_arithmetic.h"

namespace hintd::learning {

QShape q_shape(const AgentConfig& config, int arms);

NetworkState initial_network(const QShape& shape, const AgentConfig& config, Rng& rng);

class QNetwork {
 public:
  // Sizes in `state` fit `shape`. kUnavailable where LibTorch cannot be loaded.
  static Result<QNetwork> create(const QShape& shape, const AgentConfig& config,
                                 const NetworkState& state);

  using Step = NetworkArithmetic::Step;
  // One update by Adam with decoupled weight decay (Loshchilov and Hutter, 2019) on the Huber loss
  // of Q(s, a) against cost + discount * min over a' of the target network's Q(s', a'), head by
  // head, each on the transitions of its bootstrap sample. A censored transition is a loss only
  // where the prediction lies below it. What torch throws here (no memory) ends the program.
  Step train(std::span<const Experience* const> batch) noexcept {
    return arithmetic_->train(batch);
  }

  // q[(i * heads + head) * arms + arm] for state i: what QSnapshot answers, by torch.
  std::vector<float> evaluate(std::span<const FeatureVector> states) const {
    return arithmetic_->evaluate(states);
  }

  using Function = NetworkArithmetic::Function;
  Function function() const { return arithmetic_->function(); }
  NetworkState state() const { return arithmetic_->state(); }

 private:
  explicit QNetwork(std::unique_ptr<NetworkArithmetic> arithmetic)
      : arithmetic_(std::move(arithmetic)) {}

  std::unique_ptr<NetworkArithmetic> arithmetic_;
};

}  // namespace hintd::learning
