// The few statistics that figures are made of. All take values by copy or span and keep nothing.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/rng.h"

namespace hintd {

// Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). 0 for no values.
double quantile(std::vector<double> values, double p);
double median(std::vector<double> values);
// 0 for no values.
double mean(std::span<const double> values);

struct Interval {
  double low = 0;
  double high = 0;
};

// A ratio of latencies, new to old, counts as improved or regressed past these lines where its
// interval lies on that side of 1.
inline constexpr double kImprovedRatio = 0.9;
inline constexpr double kRegressedRatio = 1.1;
inline bool is_improved(double ratio, const Interval& interval) {
  return ratio < kImprovedRatio && interval.high < 1;
}
inline bool is_regressed(double ratio, const Interval& interval) {
  return ratio > kRegressedRatio && interval.low > 1;
}

// Percentile bootstrap interval (95 %) of median(a) / median(b), resampling pairs: a[i] and b[i]
// were measured within the same minute. Needs equal, non-zero lengths and positive values.
Interval bootstrap_ratio_of_medians(std::span<const double> a, std::span<const double> b, Rng& rng,
                                    int resamples = 1000);

// The same of the median of some values; the value itself twice where there is one.
Interval bootstrap_median(std::span<const double> values, Rng& rng, int resamples = 1000);

inline double squared(double x) {
  return x * x;
}

// Standard normal density, distribution and its inverse (p in (0, 1)).
double normal_density(double x);
double normal_cdf(double x);
double normal_quantile(double p);

}  // namespace hintd
