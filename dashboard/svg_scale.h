#pragma once

#include <vector>

namespace hintd::dashboard {

// Maps values onto a line of the picture, linearly or by logarithm. Widens the range it is given to
// round numbers. Values outside, and those a logarithm cannot take, land on the nearer end.
class SvgScale {
 public:
  enum class Kind { kLinear, kLog };

  // Pixels may run downwards, as y does. For kLog `low` must be positive.
  SvgScale(Kind kind, double low, double high, double first_pixel, double last_pixel);
  // Without widening: for time.
  static SvgScale exact(double low, double high, double first_pixel, double last_pixel);

  double pixel(double value) const;
  // Where lines and labels go: round numbers, three to eight.
  std::vector<double> ticks() const;

 private:
  double position(double value) const;

  Kind kind_;
  double low_;
  double high_;
  double first_pixel_;
  double last_pixel_;
};

}  // namespace hintd::dashboard
