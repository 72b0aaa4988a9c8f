#include "app/side_by_side.h"

namespace hintd::app {
namespace {

constexpr int kMostRounds = 3;  // times as many looks at the interval as the first has pairs
// Fast statements get more pairs before each look, so that a short disturbance is not all it saw.
constexpr Millis kLeastRound{50};

bool undecided(const Interval& interval) {
  const auto has = [&](double line) { return interval.low < line && line < interval.high; };
  return has(kImprovedRatio) || has(kRegressedRatio);
}

}  // namespace

Result<SideBySide> run_side_by_side(int pairs, const Side& plain, const Side& hinted, Rng& rng) {
  SideBySide sides;
  const auto round = [&](int least) -> Status {
    Millis ran{0};
    for (int pair = 0; pair < least || ran < kLeastRound; ++pair) {
      const bool hinted_first = sides.default_ms.size() % 2 == 1;
      for (const bool is_hinted : {hinted_first, !hinted_first}) {
        HINTD_TRY(const auto latency, is_hinted ? hinted() : plain());
        (is_hinted ? sides.hinted_ms : sides.default_ms).push_back(latency.count());
        ran += latency;
      }
    }
    sides.ratio = bootstrap_ratio_of_medians(sides.hinted_ms, sides.default_ms, rng);
    return {};
  };
  HINTD_TRY_STATUS(round(pairs));
  for (int looks = pairs; looks < kMostRounds * pairs && undecided(sides.ratio); ++looks)
    HINTD_TRY_STATUS(round(1));
  return sides;
}

}  // namespace hintd::app
