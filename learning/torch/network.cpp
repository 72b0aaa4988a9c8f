#include <torch/torch.h>

#include <utility>

#include "learning/agent/network_arithmetic.h"

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

class TorchArithmetic final : public NetworkArithmetic {
 public:
  TorchArithmetic(const QShape& shape, const AgentConfig& config, const NetworkState& state)
      : shape_(shape),
        config_(config),
        layout_(shape.layout()),
        prior_layout_(shape.prior_layout()),
        weights_(to_tensor(state.weights).requires_grad_()),
        target_(to_tensor(state.target)),
        prior_(to_tensor(state.prior)),
        adam_mean_(to_tensor(state.adam_mean)),
        adam_square_(to_tensor(state.adam_square)),
        steps_(state.steps) {}

  Step train(std::span<const Experience* const> batch_of) noexcept override {
    // Here, because OpenMP keeps it per thread, and whoever trains need not have made the network.
    torch::set_num_threads(1);
    const auto batch = to_batch(batch_of, shape_.heads);
    const auto arms = batch.arms.expand({-1, shape_.heads, 1});
    const auto predicted = q(weights_, batch.states).gather(2, arms).squeeze(2);

    auto error = predicted - goals(batch);
    error = torch::where(batch.censored, error.clamp_max(0), error);
    const auto losses =
        torch::huber_loss(error, torch::zeros_like(error), at::Reduction::None) * batch.heads;
    const auto loss = losses.sum() / batch.heads.sum().clamp_min(1);

    update(torch::autograd::grad({loss}, {weights_}).front());
    return {loss.item<double>(), predicted.detach().std(1, false).mean().item<double>()};
  }

  std::vector<float> evaluate(std::span<const FeatureVector> states) const override {
    torch::set_num_threads(1);
    const torch::NoGradGuard no_grad;
    auto rows = torch::empty({as_int64(states.size()), as_int64(kFeatureCount)});
    for (std::size_t i = 0; i < states.size(); ++i) copy_features(states[i], rows, as_int64(i));
    return to_vector(q(weights_, rows));
  }

  Function function() const override { return {to_vector(weights_), to_vector(prior_)}; }

  NetworkState state() const override {
    return {to_vector(weights_),   to_vector(target_),      to_vector(prior_),
            to_vector(adam_mean_), to_vector(adam_square_), steps_};
  }

 private:
  // [n x heads x arms]
  Tensor q(const Tensor& flat, const Tensor& states) const {
    const auto out = (forward(layout_, flat, states) + forward(prior_layout_, prior_, states))
                         .view({states.size(0), shape_.heads, shape_.arms});
    const auto value = out.narrow(2, 0, 1);
    const auto advantages = out.narrow(2, 1, shape_.arms - 1);
    if (!shape_.has_value) return torch::cat({torch::zeros_like(value), advantages}, 2);
    return torch::cat({value, value + advantages}, 2);
  }

  // What each head is to predict: [n x heads], or [n x 1] without a discount.
  Tensor goals(const Batch& batch) const {
    if (!shape_.has_value) return batch.costs;
    const torch::NoGradGuard no_grad;
    const auto next = q(target_, batch.next_states).amin(2);
    return batch.costs + config_.discount * batch.continues * next;
  }

  void update(Tensor gradient) {
    const torch::NoGradGuard no_grad;
    const double norm = gradient.norm().item<double>();
    if (norm > config_.gradient_clip) gradient = gradient * (config_.gradient_clip / norm);
    ++steps_;
    adam_mean_.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    adam_square_.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double unbias1 = 1 - std::pow(kBeta1, static_cast<double>(steps_));
    const double unbias2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
    const auto scale = (adam_square_ / unbias2).sqrt_().add_(kAdamEpsilon);
    weights_.mul_(1 - config_.learning_rate * config_.weight_decay);
    weights_.addcdiv_(adam_mean_, scale, -config_.learning_rate / unbias1);
    if (steps_ % config_.target_update_steps == 0) target_.copy_(weights_);
  }

  QShape shape_;
  AgentConfig config_;
  NetworkLayout layout_;
  NetworkLayout prior_layout_;
  Tensor weights_;
  Tensor target_;
  Tensor prior_;
  Tensor adam_mean_;
  Tensor adam_square_;
  std::int64_t steps_;
};

}  // namespace
}  // namespace hintd::learning

extern "C" hintd::learning::NetworkArithmetic* hintd_make_arithmetic(
    const hintd::learning::QShape& shape, const hintd::learning::AgentConfig& config,
    const hintd::learning::NetworkState& state) {
  return new hintd::learning::TorchArithmetic(shape, config, state);
}
