#include "core/statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/check.h"

namespace hintd {

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const double position = std::clamp(p, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(below),
                   values.end());
  const double low = values[below];
  if (below + 1 == values.size()) return low;
  const double high =
      *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(below) + 1, values.end());
  return low + (high - low) * (position - static_cast<double>(below));
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Interval bootstrap_ratio_of_medians(std::span<const double> a, std::span<const double> b, Rng& rng,
                                    int resamples) {
  HINTD_CHECK(!a.empty() && a.size() == b.size(), "pairs need two equally long sides");
  std::vector<double> ratios;
  std::vector<double> drawn_a(a.size());
  std::vector<double> drawn_b(a.size());
  for (int i = 0; i < resamples; ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      const auto pick = rng.below(a.size());
      drawn_a[j] = a[pick];
      drawn_b[j] = b[pick];
    }
    ratios.push_back(median(drawn_a) / median(drawn_b));
  }
  return {quantile(ratios, 0.025), quantile(ratios, 0.975)};
}

Interval bootstrap_median(std::span<const double> values, Rng& rng, int resamples) {
  HINTD_CHECK(!values.empty(), "an interval of nothing");
  std::vector<double> medians;
  std::vector<double> drawn(values.size());
  for (int i = 0; i < resamples; ++i) {
    for (auto& value : drawn) value = values[rng.below(values.size())];
    medians.push_back(median(drawn));
  }
  return {quantile(medians, 0.025), quantile(medians, 0.975)};
}

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double normal_quantile(double p) {
  HINTD_CHECK(p > 0 && p < 1, "a quantile outside (0, 1)");
  // Newton on the logarithm of the tail, which is near linear: a dozen steps reach machine
  // precision.
  if (p > 0.5) return -normal_quantile(1 - p);
  double x = -std::sqrt(std::max(0.0, -2 * std::log(2 * p)));
  for (int i = 0; i < 20; ++i) {
    const double cdf = normal_cdf(x);
    const double step = (std::log(cdf) - std::log(p)) * cdf / normal_density(x);
    x -= step;
    if (std::abs(step) < 1e-14) break;
  }
  return x;
}

}  // namespace hintd
