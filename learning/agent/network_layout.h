// Where each tensor of a small network lies in one flat vector of weights. The one place that the
// torch network, the Eigen snapshot and the checkpoint agree on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/rng.h"

namespace hintd::learning {

inline constexpr float kLayerNormEpsilon = 1e-5F;

// y = W x + b with W row-major [outputs x inputs]; a hidden layer goes on with
// relu(gain * normalised(y) + shift), where normalised() is over the units of the layer.
struct DenseLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  bool hidden = false;
  std::size_t offset = 0;  // of W in the flat vector; b, gain and shift follow

  std::size_t weights() const { return offset; }
  std::size_t bias() const { return offset + inputs * outputs; }
  std::size_t gain() const { return bias() + outputs; }
  std::size_t shift() const { return gain() + outputs; }
  std::size_t end() const { return bias() + outputs * (hidden ? 3 : 1); }
};

class NetworkLayout {
 public:
  NetworkLayout(std::size_t inputs, std::span<const int> hidden_sizes, std::size_t outputs);

  std::span<const DenseLayer> layers() const { return layers_; }
  const DenseLayer& output() const { return layers_.back(); }
  // Number of weights.
  std::size_t size() const { return layers_.back().end(); }

  // Hidden layers by He et al. (2015), gains 1, everything of the output layer 0.
  std::vector<float> initial_weights(Rng& rng) const;

 private:
  std::vector<DenseLayer> layers_;
};

// The Q-network: a trunk, and an output of heads x arms. Output 0 of a head is the state's value V,
// the others are advantages over the default, whose own is 0:
//   Q(s, default) = V(s),  Q(s, a) = V(s) + A(s, a).
// Without a discount nothing follows a query and the default costs log 1 = 0, so V is left out and
// Q(s, default) is 0 exactly.
struct QShape {
  std::vector<int> hidden_sizes;
  int heads = 0;
  int arms = 0;
  bool has_value = false;  // the discount is above 0

  std::size_t outputs() const { return static_cast<std::size_t>(heads) * arms; }
  NetworkLayout layout() const;
  // Of the randomised prior (Osband, Aslanides and Cassirer, 2018): a fixed function per head,
  // added to what the network learns, so that heads differ where there is no data.
  NetworkLayout prior_layout() const;
};

// Output layer: bias prior_mean for every advantage.
std::vector<float> initial_q_weights(const QShape& shape, double prior_mean, Rng& rng);
// Advantages with standard deviation prior_scale over heads and states; V has no prior.
std::vector<float> prior_weights(const QShape& shape, double prior_scale, Rng& rng);

}  // namespace hintd::learning
