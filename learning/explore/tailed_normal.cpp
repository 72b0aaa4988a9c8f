#include "learning/explore/tailed_normal.h"

#include <cmath>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

constexpr double kTailShift = 2.5;
constexpr double kTailWidth = 2;

}  // namespace

TailedNormal::TailedNormal(Gaussian core, double tail) {
  const double sd = std::sqrt(core.variance);
  parts_[0] = {1 - tail, core.mean, sd};
  parts_[1] = {tail, core.mean + kTailShift * sd, kTailWidth * sd};
}

TailedNormal TailedNormal::mixed_with(double chance, Gaussian other) const {
  auto mixed = *this;
  for (auto& part : mixed.parts_) part.weight *= 1 - chance;
  mixed.parts_[2] = {chance, other.mean, std::sqrt(other.variance)};
  return mixed;
}

template <class Of>
double TailedNormal::weighed(const Of& of) const {
  double sum = 0;
  for (const auto& part : parts_)
    if (part.weight > 0) sum += part.weight * of(part);
  return sum;
}

double TailedNormal::below(double y) const {
  return weighed([y](const Part& part) { return normal_cdf((y - part.mean) / part.sd); });
}

double TailedNormal::log_density(double y) const {
  const double density = weighed(
      [y](const Part& part) { return normal_density((y - part.mean) / part.sd) / part.sd; });
  return std::log(density + 1e-300);
}

double TailedNormal::log_above(double y) const {
  const double above =
      weighed([y](const Part& part) { return normal_cdf((part.mean - y) / part.sd); });
  return std::log(above + 1e-300);
}

double TailedNormal::seconds_below(double y) const {
  return weighed([y](const Part& part) {
    return std::exp(part.mean + 0.5 * part.sd * part.sd) *
           normal_cdf((y - part.mean) / part.sd - part.sd);
  });
}

}  // namespace hintd::learning
