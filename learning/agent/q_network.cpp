#include "learning/agent/q_network.h"

#include "core/check.h"

namespace hintd::learning {

QShape q_shape(const AgentConfig& config, int arms) {
  return {config.hidden_sizes, config.heads, arms, config.discount > 0};
}

NetworkState initial_network(const QShape& shape, const AgentConfig& config, Rng& rng) {
  NetworkState state;
  state.weights = initial_q_weights(shape, config.prior_mean, rng);
  state.target = state.weights;
  state.prior = prior_weights(shape, config.prior_scale, rng);
  state.adam_mean.resize(state.weights.size());
  state.adam_square.resize(state.weights.size());
  return state;
}

Result<QNetwork> QNetwork::create(const QShape& shape, const AgentConfig& config,
                                  const NetworkState& state) {
  const auto weights = shape.layout().size();
  HINTD_CHECK(state.weights.size() == weights, "weights of another network");
  HINTD_CHECK(state.target.size() == weights, "a target of another network");
  HINTD_CHECK(state.adam_mean.size() == weights, "moments of another network");
  HINTD_CHECK(state.adam_square.size() == weights, "moments of another network");
  HINTD_CHECK(state.prior.size() == shape.prior_layout().size(), "a prior of another network");
  HINTD_TRY(auto* const make, load_arithmetic());
  return QNetwork(std::unique_ptr<NetworkArithmetic>(make(shape, config, state)));
}

}  // namespace hintd::learning
