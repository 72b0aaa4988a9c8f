#include "learning/policy/pair_bounds.h"

namespace hintd::learning {
namespace {

// Pairs after which a mean below what is wanted ends it. Of candidates that save a fifth, with a
// standard deviation of a half, one in 25 is lost so.
constexpr std::size_t kEnoughToGiveUp = 24;

}  // namespace

PairBounds::PairBounds(double error)
    : alpha(error), over_default(kWorstSaving, 1, error), over_deployed(kWorstSaving, 1, error) {}

bool PairBounds::proved(double wanted) const {
  return over_deployed.lower() >= wanted &&
         (over_default.count() == 0 || over_default.lower() >= wanted);
}

bool PairBounds::hopeless(double wanted) const {
  return over_deployed.upper() < wanted ||
         (over_default.count() > 0 && over_default.upper() < wanted) ||
         (over_deployed.count() >= kEnoughToGiveUp && over_deployed.mean() < wanted);
}

}  // namespace hintd::learning
