// The normal distribution where only "at least this much" is known.
#pragma once

namespace hintd::learning {

double log_normal_above(double z);  // log P(Z > z), exact far into the tail

struct Gaussian {
  double mean = 0;
  double variance = 1;
};

// The normal with the moments of `prior` given that the value exceeds `bound`:
// a = (bound - m)/s, l = phi(a)/(1 - Phi(a)); mean m + s l, variance s^2 (1 - l (l - a)).
Gaussian truncated_moments(const Gaussian& prior, double bound);

// The pseudo-observation that turns `prior` into those moments: what a censored run is worth as
// evidence (an expectation-propagation site). Always wider than 0 and, for a bound far below the
// prior, next to no evidence.
Gaussian censored_site(const Gaussian& prior, double bound);

}  // namespace hintd::learning
