#include "learning/explore/calibration.h"

#include <algorithm>
#include <cmath>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

constexpr std::size_t kWindow = 500;
constexpr double kPriorCases = 10;  // what it takes to overrule the start, about
constexpr double kTailSteps[] = {0.02, 0.05, 0.1, 0.2, 0.35, 0.5};

}  // namespace

void Calibration::record(const BeliefCase& one) {
  cases_.push_back(one);
  if (cases_.size() > kWindow) cases_.pop_front();
}

TailedNormal Calibration::apply(const Correction& correction, const Gaussian& belief) {
  const double sd = std::sqrt(belief.variance);
  return {{belief.mean + correction.shift * sd, squared(sd * correction.factor)}, correction.tail};
}

double Calibration::log_likelihood(const Correction& correction) const {
  double sum = -0.5 * kPriorCases *
               (squared(correction.shift) + squared(std::log(correction.factor)) +
                squared(std::log(correction.tail / Correction{}.tail) / 2));
  for (const auto& [belief, known_bound, value, completed] : cases_) {
    const auto corrected = apply(correction, belief);
    sum += completed ? corrected.log_density(value) : corrected.log_above(value);
    if (known_bound) sum -= corrected.log_above(*known_bound);
  }
  return sum;
}

// Coordinate search: the three are few and the likelihood is smooth.
void Calibration::refit() {
  double best = log_likelihood(correction_);
  const auto keep_if_better = [&](const Correction& candidate) {
    const double likelihood = log_likelihood(candidate);
    if (likelihood <= best) return;
    best = likelihood;
    correction_ = candidate;
  };
  for (double step = 0.4; step > 0.04; step /= 2) {
    const auto start = correction_;
    for (const int s : {-1, 0, 1})
      for (const int f : {-1, 0, 1})
        keep_if_better({start.shift + s * step, start.factor * std::exp(f * step / 2), start.tail});
    const auto middle = correction_;
    for (const double tail : kTailSteps) keep_if_better({middle.shift, middle.factor, tail});
  }
}

}  // namespace hintd::learning
