#include "learning/explore/tailed_normal.h"

#include <cmath>

namespace hintd::learning {
namespace {

constexpr double kTailShift = 2.5;
constexpr double kTailWidth = 2;

}  // namespace

TailedNormal::TailedNormal(Gaussian core, double tail)
    : TailedNormal(core, tail,
                   {core.mean + kTailShift * std::sqrt(core.variance),
                    kTailWidth * kTailWidth * core.variance}) {}

TailedNormal::TailedNormal(Gaussian core, double tail, Gaussian other) {
  parts_[0] = {1 - tail, core.mean, std::sqrt(core.variance)};
  parts_[1] = {tail, other.mean, std::sqrt(other.variance)};
}

double TailedNormal::below(double y) const {
  double sum = 0;
  for (const auto& part : parts_) sum += part.weight * normal_below((y - part.mean) / part.sd);
  return sum;
}

double TailedNormal::log_density(double y) const {
  double sum = 0;
  for (const auto& part : parts_)
    sum += part.weight * normal_density((y - part.mean) / part.sd) / part.sd;
  return std::log(sum + 1e-300);
}

double TailedNormal::log_above(double y) const {
  double sum = 0;
  for (const auto& part : parts_) sum += part.weight * normal_below((part.mean - y) / part.sd);
  return std::log(sum + 1e-300);
}

double TailedNormal::seconds_below(double y) const {
  double sum = 0;
  for (const auto& part : parts_)
    sum += part.weight * std::exp(part.mean + 0.5 * part.sd * part.sd) *
           normal_below((y - part.mean) / part.sd - part.sd);
  return sum;
}

}  // namespace hintd::learning
