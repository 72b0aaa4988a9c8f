// How far apart two statements are by their features.
#pragma once

#include <vector>

#include "core/features.h"

namespace hintd::learning {

class FeatureScale {
 public:
  // Of the statements that distances are to be judged by.
  explicit FeatureScale(const std::vector<const FeatureVector*>& statements);

  // Root mean square over the features, each in units of its standard deviation.
  float distance(const FeatureVector& a, const FeatureVector& b) const;

 private:
  FeatureVector deviation_{};  // 1 where a feature does not vary
};

}  // namespace hintd::learning
