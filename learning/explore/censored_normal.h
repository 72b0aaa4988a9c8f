// The normal distribution where only "at least this much" is known.
#pragma once

namespace hintd::learning {

double normal_density(double z);
double normal_below(double z);      // P(Z < z)
double log_normal_above(double z);  // log P(Z > z), exact far into the tail

struct Gaussian {
  double mean = 0;
  double variance = 1;
};

// The normal with the moments of `prior` given that the value lies between the bounds; `low` below
// `high`, either may be infinite.
Gaussian truncated_moments(const Gaussian& prior, double low, double high);

// Above this log ratio a plan is slow, and how slow makes no difference: it cannot win.
inline constexpr double kSlow = 1;

// The pseudo-observation that turns `prior` into the moments between the bound and kSlow: what a
// censored run is worth as evidence (an expectation-propagation site). A run that was stopped never
// says how slow a plan is; without an upper end, a few stopped runs would be imputed ever higher
// and take all plans of their kind with them. Always wider than 0.
Gaussian censored_site(const Gaussian& prior, double bound);

}  // namespace hintd::learning
