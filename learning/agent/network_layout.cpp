#include "learning/agent/network_layout.h"

#include <algorithm>
#include <cmath>

#include "core/features.h"
#include "core/hint_set.h"

namespace hintd::learning {
namespace {

constexpr int kPriorWidth = 64;

}  // namespace

NetworkLayout::NetworkLayout(std::size_t inputs, std::span<const int> hidden_sizes,
                             std::size_t outputs) {
  std::size_t offset = 0;
  for (const int size : hidden_sizes) {
    layers_.push_back({inputs, static_cast<std::size_t>(size), true, offset});
    inputs = layers_.back().outputs;
    offset = layers_.back().end();
  }
  layers_.push_back({inputs, outputs, false, offset});
}

std::vector<float> NetworkLayout::initial_weights(Rng& rng) const {
  std::vector<float> weights(size(), 0.0F);
  for (const auto& layer : layers_) {
    if (!layer.hidden) continue;
    const double scale = std::sqrt(2.0 / static_cast<double>(layer.inputs));
    for (std::size_t i = layer.weights(); i < layer.bias(); ++i) {
      weights[i] = static_cast<float>(scale * rng.normal());
    }
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(layer.gain()), layer.outputs, 1.0F);
  }
  return weights;
}

NetworkLayout QShape::layout() const {
  return NetworkLayout(kFeatureCount, hidden_sizes, outputs());
}

NetworkLayout QShape::prior_layout() const {
  return NetworkLayout(kFeatureCount, std::span(&kPriorWidth, 1), outputs());
}

std::vector<float> initial_q_weights(const QShape& shape, double prior_mean, Rng& rng) {
  const auto layout = shape.layout();
  auto weights = layout.initial_weights(rng);
  for (std::size_t i = 0; i < shape.outputs(); ++i) {
    if (i % shape.arms != kDefaultArm) {
      weights[layout.output().bias() + i] = static_cast<float>(prior_mean);
    }
  }
  return weights;
}

std::vector<float> prior_weights(const QShape& shape, double prior_scale, Rng& rng) {
  const auto layout = shape.prior_layout();
  const auto& output = layout.output();
  auto weights = layout.initial_weights(rng);
  // A normalised unit after relu has a mean square of 1/2.
  const double scale = prior_scale / std::sqrt(kPriorWidth / 2.0);
  for (std::size_t i = output.weights(); i < output.bias(); ++i) {
    const std::size_t row = (i - output.weights()) / output.inputs;
    if (row % shape.arms != kDefaultArm) weights[i] = static_cast<float>(scale * rng.normal());
  }
  return weights;
}

}  // namespace hintd::learning
