#include "learning/agent/q_network.h"

#include <torch/torch.h>

#include "core/check.h"

namespace hintd::learning {
namespace {

using torch::Tensor;

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kAdamEpsilon = 1e-8;

auto as_int64(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

Tensor to_tensor(const std::vector<float>& values) {
  return torch::tensor(at::ArrayRef<float>(values), torch::kFloat32);
}

std::vector<float> to_vector(const Tensor& tensor) {
  const auto flat = tensor.detach().contiguous();
  const auto* data = flat.data_ptr<float>();
  return {data, data + flat.numel()};
}

// The tensors of the layout, as views of `flat`. One split rather than many slices: its gradient is
// one concatenation.
std::vector<Tensor> split(const Tensor& flat, const NetworkLayout& layout) {
  std::vector<std::int64_t> sizes;
  for (const auto& layer : layout.layers()) {
    sizes.push_back(as_int64(layer.inputs * layer.outputs));
    sizes.insert(sizes.end(), layer.hidden ? 3 : 1, as_int64(layer.outputs));
  }
  return flat.split_with_sizes(sizes);
}

// x W' + b, as a convolution over one point: torch leaves those to oneDNN, which on one thread is
// four times as fast as the reference BLAS that Debian's torch multiplies matrices with.
Tensor linear(const DenseLayer& layer, const Tensor& x, const Tensor& matrix, const Tensor& bias) {
  const auto n = x.size(0);
  const auto inputs = as_int64(layer.inputs);
  const auto outputs = as_int64(layer.outputs);
  return torch::conv2d(x.view({n, inputs, 1, 1}), matrix.view({outputs, inputs, 1, 1}), bias)
      .view({n, outputs});
}

// [n x inputs] -> [n x outputs]
Tensor forward(const NetworkLayout& layout, const Tensor& flat, Tensor x) {
  const auto parts = split(flat, layout);
  auto part = parts.begin();
  for (const auto& layer : layout.layers()) {
    const auto matrix = *part++;
    const auto bias = *part++;
    x = linear(layer, x, matrix, bias);
    if (!layer.hidden) continue;
    const auto gain = *part++;
    const auto shift = *part++;
    x = torch::layer_norm(x, {as_int64(layer.outputs)}, gain, shift, kLayerNormEpsilon).relu();
  }
  return x;
}

struct Batch {
  Tensor states;       // [n x features]
  Tensor arms;         // [n x 1 x 1], integer
  Tensor costs;        // [n x 1]
  Tensor censored;     // [n x 1], boolean
  Tensor heads;        // [n x heads], 1 where the head learns from the transition
  Tensor next_states;  // [n x features], zeros at an episode's end
  Tensor continues;    // [n x 1], 0 at an episode's end
};

void copy_features(const FeatureVector& features, Tensor& rows, std::int64_t row) {
  std::copy(features.begin(), features.end(), rows.data_ptr<float>() + row * kFeatureCount);
}

Batch to_batch(std::span<const Experience* const> experiences, int heads) {
  const auto n = as_int64(experiences.size());
  const auto features = as_int64(kFeatureCount);
  Batch batch{torch::empty({n, features}), torch::empty({n, 1, 1}, torch::kInt64),
              torch::empty({n, 1}),        torch::empty({n, 1}, torch::kBool),
              torch::empty({n, heads}),    torch::zeros({n, features}),
              torch::zeros({n, 1})};
  for (std::int64_t i = 0; i < n; ++i) {
    const auto& [transition, mask] = *experiences[static_cast<std::size_t>(i)];
    copy_features(transition.state, batch.states, i);
    batch.arms.data_ptr<std::int64_t>()[i] = transition.arm;
    batch.costs.data_ptr<float>()[i] = transition.cost;
    batch.censored.data_ptr<bool>()[i] = transition.censored;
    for (int h = 0; h < heads; ++h) {
      batch.heads.data_ptr<float>()[i * heads + h] = static_cast<float>((mask >> h) & 1);
    }
    if (!transition.next_state) continue;
    copy_features(*transition.next_state, batch.next_states, i);
    batch.continues.data_ptr<float>()[i] = 1;
  }
  return batch;
}

}  // namespace

struct QNetwork::Tensors {
  QShape shape;
  AgentConfig config;
  NetworkLayout layout;
  NetworkLayout prior_layout;
  Tensor weights;
  Tensor target;
  Tensor prior;
  Tensor adam_mean;
  Tensor adam_square;
  std::int64_t steps;

  // [n x heads x arms]
  Tensor q(const Tensor& flat, const Tensor& states) const {
    const auto out = (forward(layout, flat, states) + forward(prior_layout, prior, states))
                         .view({states.size(0), shape.heads, shape.arms});
    const auto value = out.narrow(2, 0, 1);
    const auto advantages = out.narrow(2, 1, shape.arms - 1);
    if (!shape.has_value) return torch::cat({torch::zeros_like(value), advantages}, 2);
    return torch::cat({value, value + advantages}, 2);
  }

  // What each head is to predict: [n x heads], or [n x 1] without a discount.
  Tensor goals(const Batch& batch) const {
    if (!shape.has_value) return batch.costs;
    const torch::NoGradGuard no_grad;
    const auto next = q(target, batch.next_states).amin(2);
    return batch.costs + config.discount * batch.continues * next;
  }

  void update(Tensor gradient) {
    const torch::NoGradGuard no_grad;
    const double norm = gradient.norm().item<double>();
    if (norm > config.gradient_clip) gradient = gradient * (config.gradient_clip / norm);
    ++steps;
    adam_mean.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    adam_square.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double unbias1 = 1 - std::pow(kBeta1, static_cast<double>(steps));
    const double unbias2 = 1 - std::pow(kBeta2, static_cast<double>(steps));
    const auto scale = (adam_square / unbias2).sqrt_().add_(kAdamEpsilon);
    weights.mul_(1 - config.learning_rate * config.weight_decay);
    weights.addcdiv_(adam_mean, scale, -config.learning_rate / unbias1);
    if (steps % config.target_update_steps == 0) target.copy_(weights);
  }
};

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

QNetwork::QNetwork(QShape shape, const AgentConfig& config, const NetworkState& state) {
  const auto layout = shape.layout();
  const auto prior_layout = shape.prior_layout();
  HINTD_CHECK(state.weights.size() == layout.size(), "weights of another network");
  HINTD_CHECK(state.target.size() == layout.size(), "a target of another network");
  HINTD_CHECK(state.adam_mean.size() == layout.size(), "moments of another network");
  HINTD_CHECK(state.adam_square.size() == layout.size(), "moments of another network");
  HINTD_CHECK(state.prior.size() == prior_layout.size(), "a prior of another network");
  tensors_ = std::make_unique<Tensors>(Tensors{
      std::move(shape), config, layout, prior_layout, to_tensor(state.weights).requires_grad_(),
      to_tensor(state.target), to_tensor(state.prior), to_tensor(state.adam_mean),
      to_tensor(state.adam_square), state.steps});
}

QNetwork::~QNetwork() = default;
QNetwork::QNetwork(QNetwork&&) noexcept = default;
QNetwork& QNetwork::operator=(QNetwork&&) noexcept = default;

QNetwork::Step QNetwork::train(std::span<const Experience* const> batch_of) noexcept {
  // Here, because OpenMP keeps it per thread, and whoever trains need not have made the network.
  torch::set_num_threads(1);
  auto& t = *tensors_;
  const auto batch = to_batch(batch_of, t.shape.heads);
  const auto arms = batch.arms.expand({-1, t.shape.heads, 1});
  const auto predicted = t.q(t.weights, batch.states).gather(2, arms).squeeze(2);

  auto error = predicted - t.goals(batch);
  error = torch::where(batch.censored, error.clamp_max(0), error);
  const auto losses =
      torch::huber_loss(error, torch::zeros_like(error), at::Reduction::None) * batch.heads;
  const auto loss = losses.sum() / batch.heads.sum().clamp_min(1);

  t.update(torch::autograd::grad({loss}, {t.weights}).front());
  return {loss.item<double>(), predicted.detach().std(1, false).mean().item<double>()};
}

std::vector<float> QNetwork::evaluate(std::span<const FeatureVector> states) const {
  torch::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  auto rows = torch::empty({as_int64(states.size()), as_int64(kFeatureCount)});
  for (std::size_t i = 0; i < states.size(); ++i) copy_features(states[i], rows, as_int64(i));
  return to_vector(tensors_->q(tensors_->weights, rows));
}

QNetwork::Function QNetwork::function() const {
  return {to_vector(tensors_->weights), to_vector(tensors_->prior)};
}

NetworkState QNetwork::state() const {
  const auto& t = *tensors_;
  return {to_vector(t.weights),   to_vector(t.target),      to_vector(t.prior),
          to_vector(t.adam_mean), to_vector(t.adam_square), t.steps};
}

}  // namespace hintd::learning
