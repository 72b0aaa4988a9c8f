// What templates take under the default, from the traffic itself: the measure for deadlines.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/clock.h"

namespace hintd {

class LatencyBaseline {
 public:
  void record(std::uint64_t fingerprint, Millis latency);
  // Over the last 64 runs; nothing before the third.
  std::optional<Millis> median(std::uint64_t fingerprint) const;
  std::optional<Millis> fastest(std::uint64_t fingerprint) const;
  std::optional<Millis> slowest(std::uint64_t fingerprint) const;

 private:
  struct Recent {
    std::vector<double> ms;
    std::size_t next = 0;
  };
  const Recent* known(std::uint64_t fingerprint) const;
  std::unordered_map<std::uint64_t, Recent> recent_;
};

}  // namespace hintd
