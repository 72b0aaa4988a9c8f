#include "learning/explore/censored_normal.h"

#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

constexpr double kHalfLogTwoPi = 0.91893853320467274178;

}  // namespace

double normal_density(double z) {
  return std::exp(-0.5 * z * z - kHalfLogTwoPi);
}

double normal_below(double z) {
  return 0.5 * std::erfc(-z * M_SQRT1_2);
}

double log_normal_above(double z) {
  if (z < 20) return std::log(0.5 * std::erfc(z * M_SQRT1_2));
  // Asymptotic series; erfc underflows further out.
  return -0.5 * z * z - kHalfLogTwoPi - std::log(z) + std::log1p(-1 / (z * z));
}

// The midpoint rule over the part of the interval that holds the mass: cheap, and exact enough in
// either tail, where closed forms cancel.
Gaussian truncated_moments(const Gaussian& prior, double low, double high) {
  constexpr int kSteps = 64;
  constexpr double kReach = 6;  // standard deviations
  const double s = std::sqrt(prior.variance);
  const double mode = std::clamp(prior.mean, low, high);
  // Beyond the mode the density falls like a normal, and in a tail like an exponential, faster.
  const double reach = kReach * s / std::max(1.0, std::abs(mode - prior.mean) / (3 * s));
  const double from = std::max(low, mode - reach);
  const double step = (std::min(high, mode + reach) - from) / kSteps;
  double mass = 0;
  double first = 0;
  double second = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double y = from + (i + 0.5) * step;
    const double z = (y - prior.mean) / s;
    const double z_mode = (mode - prior.mean) / s;
    const double density = std::exp(0.5 * (z_mode * z_mode - z * z));
    mass += density;
    first += density * (y - mode);
    second += density * (y - mode) * (y - mode);
  }
  const double shift = first / mass;
  return {mode + shift, std::max(second / mass - shift * shift, 1e-6 * prior.variance)};
}

Gaussian censored_site(const Gaussian& prior, double bound) {
  constexpr double kLeastEvidence = 1e-6;  // as a share of the prior's precision
  constexpr double kLeastWidth = 0.3;
  const Gaussian posterior = truncated_moments(prior, bound, std::max(kSlow, bound + kLeastWidth));
  const double precision =
      std::max(1 / posterior.variance - 1 / prior.variance, kLeastEvidence / prior.variance);
  const double weighted = posterior.mean / posterior.variance - prior.mean / prior.variance;
  return {weighted / precision, 1 / precision};
}

}  // namespace hintd::learning
