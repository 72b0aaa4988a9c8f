#include "learning/explore/acquisition.h"

#include <array>
#include <cmath>

namespace hintd::learning {
namespace {

constexpr std::array kShares = {0.03, 0.05, 0.08, 0.12, 0.18, 0.27, 0.4, 0.6, 0.8, 1.0};
// A bound is worth a longer trial only where that is clearly longer.
constexpr double kLonger = 1.5;

}  // namespace

Offer best_offer(const Gaussian& belief, double bound_s, double best_s, double cap) {
  Offer best;
  const double s = std::sqrt(belief.variance);
  double below_bound = 0;
  double spent_below_bound = 0;
  double above_bound = 1;
  const double scale = std::exp(belief.mean + 0.5 * belief.variance);
  if (bound_s > 0) {
    const double z = (std::log(bound_s) - belief.mean) / s;
    below_bound = normal_below(z);
    spent_below_bound = normal_below(z - s);
    above_bound = std::exp(log_normal_above(z));
    if (above_bound < 1e-9) return best;
  }
  const double log_best = std::log(best_s);
  for (const double share : kShares) {
    if (share > cap && share != kShares.front()) break;
    const double timeout = share * best_s;
    if (timeout < kLonger * bound_s) continue;
    const double z = (log_best + std::log(share) - belief.mean) / s;
    const double success = (normal_below(z) - below_bound) / above_bound;
    const double latency = scale * (normal_below(z - s) - spent_below_bound) / above_bound;
    const double charge = latency + timeout * (1 - success);
    const double score = (best_s * success - latency) / charge;
    if (score > best.score) best = {score, timeout};
  }
  return best;
}

}  // namespace hintd::learning
