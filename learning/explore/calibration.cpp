#include "learning/explore/calibration.h"

#include <cmath>

namespace hintd::learning {
namespace {

constexpr std::size_t kWindow = 500;

}  // namespace

void Calibration::record(const Gaussian& belief, double value, bool completed) {
  cases_.push_back({belief, value, completed});
  if (cases_.size() > kWindow) cases_.pop_front();
}

// With a prior that takes about ten cases to overrule.
double Calibration::log_likelihood(double shift, double factor) const {
  double sum = -0.5 * (shift * shift + std::log(factor) * std::log(factor)) * 10;
  for (const auto& [belief, value, completed] : cases_) {
    const double z = ((value - belief.mean) / std::sqrt(belief.variance) - shift) / factor;
    sum += completed ? -0.5 * z * z - std::log(factor) : log_normal_above(z);
  }
  return sum;
}

void Calibration::refit() {
  double best = log_likelihood(shift_, factor_);
  for (double step = 0.4; step > 0.04; step /= 2)
    for (int round = 0; round < 4; ++round) {
      const double shift = shift_;
      const double factor = factor_;
      for (const int s : {-1, 0, 1})
        for (const int f : {-1, 0, 1}) {
          const double candidate_shift = shift + s * step;
          const double candidate_factor = factor * std::exp(f * step / 2);
          const double likelihood = log_likelihood(candidate_shift, candidate_factor);
          if (likelihood <= best) continue;
          best = likelihood;
          shift_ = candidate_shift;
          factor_ = candidate_factor;
        }
      if (shift_ == shift && factor_ == factor) break;
    }
}

Gaussian Calibration::corrected(const Gaussian& belief) const {
  return {belief.mean + shift_ * std::sqrt(belief.variance), belief.variance * factor_ * factor_};
}

}  // namespace hintd::learning
