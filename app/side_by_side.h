// One statement on two sides in alternating pairs, until it is plain whether the second became
// faster or slower (core/statistics.h).
#pragma once

#include <functional>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/statistics.h"

namespace hintd::app {

struct SideBySide {
  std::vector<double> default_ms;  // as many as of the other
  std::vector<double> hinted_ms;
  Interval ratio;  // of the medians, hinted to default
};

using Side = std::function<Result<Millis>()>;

// `pairs`, or as many as take 50 ms; then one by one, or by 50 ms, while they do not tell whether
// the statement became 10 % faster or slower: thrice as many at most. Fails as a side does.
Result<SideBySide> run_side_by_side(int pairs, const Side& plain, const Side& hinted, Rng& rng);

}  // namespace hintd::app
