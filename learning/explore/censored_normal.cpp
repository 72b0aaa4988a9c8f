#include "learning/explore/censored_normal.h"

#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

constexpr double kHalfLogTwoPi = 0.91893853320467274178;

}  // namespace

double log_normal_above(double z) {
  if (z < 20) return std::log(0.5 * std::erfc(z * M_SQRT1_2));
  // Asymptotic series; erfc underflows further out.
  return -0.5 * z * z - kHalfLogTwoPi - std::log(z) + std::log1p(-1 / (z * z));
}

Gaussian truncated_moments(const Gaussian& prior, double bound) {
  const double s = std::sqrt(prior.variance);
  const double a = (bound - prior.mean) / s;
  const double hazard = std::exp(-0.5 * a * a - kHalfLogTwoPi - log_normal_above(a));
  const double shrink = 1 - hazard * (hazard - a);
  return {prior.mean + s * hazard, prior.variance * std::clamp(shrink, 1e-6, 1.0)};
}

Gaussian censored_site(const Gaussian& prior, double bound) {
  constexpr double kLeastEvidence = 1e-6;  // as a share of the prior's precision
  const Gaussian posterior = truncated_moments(prior, bound);
  const double precision =
      std::max(1 / posterior.variance - 1 / prior.variance, kLeastEvidence / prior.variance);
  const double weighted = posterior.mean / posterior.variance - prior.mean / prior.variance;
  return {weighted / precision, 1 / precision};
}

}  // namespace hintd::learning
