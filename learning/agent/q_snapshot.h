// The Q-network's weights at one moment, for use outside the trainer: Eigen, no torch.
#pragma once

#include <span>
#include <vector>

#include "core/features.h"
#include "learning/agent/network_layout.h"
#include "learning/agent/q_values.h"

namespace hintd::learning {

// Immutable and thread-safe.
class QSnapshot {
 public:
  // `weights` and `prior` as shape.layout() and shape.prior_layout() lay them out.
  QSnapshot(QShape shape, std::vector<float> weights, std::vector<float> prior);

  int heads() const { return shape_.heads; }
  int arms() const { return shape_.arms; }

  // Fills q[head * arms() + arm]; allocates nothing.
  void evaluate(const FeatureVector& state, std::span<float> q) const;
  QValues evaluate(const FeatureVector& state) const;

 private:
  QShape shape_;
  NetworkLayout layout_;
  NetworkLayout prior_layout_;
  std::vector<float> weights_;
  std::vector<float> prior_;
};

}  // namespace hintd::learning
