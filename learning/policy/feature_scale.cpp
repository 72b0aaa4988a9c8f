#include "learning/policy/feature_scale.h"

#include <algorithm>
#include <cmath>

namespace hintd::learning {

FeatureScale::FeatureScale(const std::vector<const FeatureVector*>& statements) {
  const double n = std::max<double>(static_cast<double>(statements.size()), 1);
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    double sum = 0;
    double squares = 0;
    for (const auto* features : statements) {
      sum += (*features)[i];
      squares += (*features)[i] * (*features)[i];
    }
    const double variance = squares / n - (sum / n) * (sum / n);
    deviation_[i] = variance > 1e-6 ? static_cast<float>(std::sqrt(variance)) : 1.0F;
  }
}

float FeatureScale::distance(const FeatureVector& a, const FeatureVector& b) const {
  float sum = 0;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const float difference = (a[i] - b[i]) / deviation_[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / kFeatureCount);
}

}  // namespace hintd::learning
