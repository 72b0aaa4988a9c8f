#include "learning/agent/q_snapshot.h"

#include <Eigen/Core>
#include <array>

#include "core/check.h"
#include "learning/agent/agent_config.h"

namespace hintd::learning {
namespace {

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrix = Eigen::Map<const RowMajorMatrix>;
using ConstVector = Eigen::Map<const Eigen::VectorXf>;
using FloatVector = Eigen::Map<Eigen::VectorXf>;

auto index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

// out += W in + b
void add_linear(const DenseLayer& layer, const float* weights, const float* in, FloatVector out) {
  out += ConstVector(weights + layer.bias(), out.size());
  const ConstMatrix matrix(weights + layer.weights(), out.size(), index(layer.inputs));
  out.noalias() += matrix * ConstVector(in, index(layer.inputs));
}

void normalise_and_rectify(const DenseLayer& layer, const float* weights, FloatVector units) {
  units.array() -= units.mean();
  const float variance = units.squaredNorm() / static_cast<float>(units.size());
  units *= 1.0F / std::sqrt(variance + kLayerNormEpsilon);
  const ConstVector gain(weights + layer.gain(), units.size());
  const ConstVector shift(weights + layer.shift(), units.size());
  units = (units.array() * gain.array() + shift.array()).max(0.0F);
}

void add_network(const NetworkLayout& layout, const float* weights, const FeatureVector& state,
                 FloatVector out) {
  std::array<std::array<float, kMaxHiddenSize>, 2> scratch;
  const float* in = state.data();
  std::size_t free = 0;
  for (const auto& layer : layout.layers()) {
    if (!layer.hidden) break;
    FloatVector units(scratch[free].data(), index(layer.outputs));
    units.setZero();
    add_linear(layer, weights, in, units);
    normalise_and_rectify(layer, weights, units);
    in = units.data();
    free = 1 - free;
  }
  add_linear(layout.output(), weights, in, out);
}

}  // namespace

QSnapshot::QSnapshot(QShape shape, std::vector<float> weights, std::vector<float> prior)
    : shape_(std::move(shape)),
      layout_(shape_.layout()),
      prior_layout_(shape_.prior_layout()),
      weights_(std::move(weights)),
      prior_(std::move(prior)) {
  HINTD_CHECK(weights_.size() == layout_.size(), "weights of another network");
  HINTD_CHECK(prior_.size() == prior_layout_.size(), "a prior of another network");
}

void QSnapshot::evaluate(const FeatureVector& state, std::span<float> q) const {
  HINTD_CHECK(q.size() == shape_.outputs(), "room for another number of arms");
  FloatVector out(q.data(), index(q.size()));
  out.setZero();
  add_network(layout_, weights_.data(), state, out);
  add_network(prior_layout_, prior_.data(), state, out);
  for (std::size_t head = 0; head < q.size(); head += shape_.arms) {
    if (!shape_.has_value) q[head] = 0;
    for (int arm = 1; arm < shape_.arms; ++arm) q[head + arm] += q[head];
  }
}

QValues QSnapshot::evaluate(const FeatureVector& state) const {
  std::vector<float> q(shape_.outputs());
  evaluate(state, q);
  return QValues(std::move(q), shape_.heads);
}

}  // namespace hintd::learning
