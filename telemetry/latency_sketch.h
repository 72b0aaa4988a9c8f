// Latencies in few bytes: counts in bins that grow geometrically, so that every quantile is within
// 1 % of a value that was added (DDSketch: Masson, Rim and Lee, 2019, without collapsing).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace hintd::telemetry {

class LatencySketch {
 public:
  // Below a microsecond counts as one.
  void add(double ms);
  void merge(const LatencySketch& other);

  std::int64_t count() const { return count_; }
  // 0 for none; p in [0, 1].
  double quantile(double p) const;
  // Middle of each bin in ms, and its count; ascending.
  std::vector<std::pair<double, std::int64_t>> bins() const;

  // As a file keeps it: for each bin the distance from the one before and its count, as varints
  // (base 128, low bits first; distances zigzag).
  std::string bytes() const;
  // kCorrupt when bytes() did not write it.
  static Result<LatencySketch> from_bytes(std::string_view bytes);

 private:
  struct Bin {
    std::int16_t index;
    std::uint32_t count;
  };
  void add(std::int16_t index, std::uint32_t count);

  std::vector<Bin> bins_;  // ascending
  std::int64_t count_ = 0;
};

}  // namespace hintd::telemetry
