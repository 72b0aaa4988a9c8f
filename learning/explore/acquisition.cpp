#include "learning/explore/acquisition.h"

#include <array>
#include <cmath>
#include <limits>

namespace hintd::learning {
namespace {

constexpr std::array kShares = {0.03, 0.05, 0.08, 0.12, 0.18, 0.27, 0.4, 0.6, 0.8, 1.0};

}  // namespace

Offer best_offer(const TailedNormal& belief, double bound_s, double best_s, double longer) {
  Offer best;
  const double log_bound =
      bound_s > 0 ? std::log(bound_s) : -std::numeric_limits<double>::infinity();
  const double above_bound = bound_s > 0 ? std::exp(belief.log_above(log_bound)) : 1;
  if (above_bound < 1e-9) return best;
  const double below_bound = bound_s > 0 ? belief.below(log_bound) : 0;
  const double spent_below_bound = bound_s > 0 ? belief.seconds_below(log_bound) : 0;
  const double log_best = std::log(best_s);
  for (const double share : kShares) {
    const double timeout = share * best_s;
    if (timeout < longer * bound_s) continue;
    const double log_timeout = log_best + std::log(share);
    const double success = (belief.below(log_timeout) - below_bound) / above_bound;
    const double latency = (belief.seconds_below(log_timeout) - spent_below_bound) / above_bound;
    const double charge = latency + timeout * (1 - success);
    const double score = (best_s * success - latency) / charge;
    if (score > best.score) best = {score, timeout};
  }
  return best;
}

}  // namespace hintd::learning
