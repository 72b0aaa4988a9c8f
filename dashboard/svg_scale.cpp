#include "dashboard/svg_scale.h"

#include <algorithm>
#include <cmath>

namespace hintd::dashboard {
namespace {

// The greatest of 1, 2, 5 times a power of ten that is not above `value`.
double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value) + 1e-9));
  const double digit = value / power * (1 + 1e-9);
  return power * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
}

double round_up(double value) {
  const double below = round_down(value);
  if (below >= value * (1 - 1e-9)) return below;
  const double power = std::pow(10, std::floor(std::log10(below) + 1e-9));
  const double digit = std::round(below / power);
  return power * (digit < 1.5 ? 2 : digit < 3 ? 5 : 10);
}

double linear_step(double low, double high) {
  return round_up((high - low) / 5);
}

}  // namespace

SvgScale::SvgScale(Kind kind, double low, double high, double first_pixel, double last_pixel)
    : kind_(kind), low_(low), high_(high), first_pixel_(first_pixel), last_pixel_(last_pixel) {
  if (kind == Kind::kLog) {
    low_ = round_down(low);
    high_ = std::max(round_up(high), low_ * 10);
    return;
  }
  if (high_ <= low_) high_ = low_ + 1;
  const double step = linear_step(low_, high_);
  low_ = std::floor(low_ / step + 1e-9) * step;
  high_ = std::ceil(high_ / step - 1e-9) * step;
}

SvgScale SvgScale::exact(double low, double high, double first_pixel, double last_pixel) {
  SvgScale scale(Kind::kLinear, low, high, first_pixel, last_pixel);
  scale.low_ = low;
  scale.high_ = high > low ? high : low + 1;
  return scale;
}

double SvgScale::position(double value) const {
  if (kind_ == Kind::kLinear) return (value - low_) / (high_ - low_);
  if (value <= 0) return 0;
  return std::log(value / low_) / std::log(high_ / low_);
}

double SvgScale::pixel(double value) const {
  return first_pixel_ + (last_pixel_ - first_pixel_) * std::clamp(position(value), 0.0, 1.0);
}

std::vector<double> SvgScale::ticks() const {
  std::vector<double> ticks;
  if (kind_ == Kind::kLinear) {
    const double step = linear_step(low_, high_);
    for (double at = std::ceil(low_ / step - 1e-9) * step; at <= high_ + step * 1e-6; at += step)
      ticks.push_back(at + 0.0);  // never -0
    return ticks;
  }
  const bool decades_only = high_ / low_ > 150;
  for (double at = low_; at <= high_ * (1 + 1e-6); at = round_up(at * 1.5)) {
    const double exponent = std::log10(at);
    if (!decades_only || std::abs(exponent - std::round(exponent)) < 1e-6) ticks.push_back(at);
  }
  return ticks;
}

}  // namespace hintd::dashboard
