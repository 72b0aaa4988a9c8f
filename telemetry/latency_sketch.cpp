#include "telemetry/latency_sketch.h"

#include <algorithm>
#include <cmath>

namespace hintd::telemetry {
namespace {

constexpr double kRelativeError = 0.01;
constexpr double kGamma = (1 + kRelativeError) / (1 - kRelativeError);
constexpr double kLeastMs = 1e-3;

const double kLogGamma = std::log(kGamma);

std::int16_t index_of(double ms) {
  return static_cast<std::int16_t>(std::ceil(std::log(std::max(ms, kLeastMs)) / kLogGamma));
}

// The value that is equally far from both ends of the bin, relatively.
double middle_of(std::int16_t index) {
  return 2 * std::pow(kGamma, index) / (kGamma + 1);
}

}  // namespace

void LatencySketch::add(double ms) {
  add(index_of(ms), 1);
}

void LatencySketch::merge(const LatencySketch& other) {
  for (const auto& bin : other.bins_) add(bin.index, bin.count);
}

void LatencySketch::add(std::int16_t index, std::uint32_t count) {
  const auto place = std::ranges::lower_bound(bins_, index, {}, &Bin::index);
  if (place != bins_.end() && place->index == index)
    place->count += count;
  else
    bins_.insert(place, {index, count});
  count_ += count;
}

double LatencySketch::quantile(double p) const {
  if (count_ == 0) return 0;
  const double rank = p * static_cast<double>(count_ - 1);
  std::int64_t below = 0;
  for (const auto& bin : bins_) {
    below += bin.count;
    if (static_cast<double>(below) > rank) return middle_of(bin.index);
  }
  return middle_of(bins_.back().index);
}

std::vector<std::pair<double, std::int64_t>> LatencySketch::bins() const {
  std::vector<std::pair<double, std::int64_t>> all;
  all.reserve(bins_.size());
  for (const auto& bin : bins_) all.emplace_back(middle_of(bin.index), bin.count);
  return all;
}

}  // namespace hintd::telemetry
