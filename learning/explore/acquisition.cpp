#include "learning/explore/acquisition.h"

#include <cmath>

namespace hintd::learning {
namespace {

constexpr double kImpossible = 1e-9;

// What is left of a belief above a bound.
class AboveBound {
 public:
  // 0 seconds: no bound.
  AboveBound(const TailedNormal& belief, double bound_s) : belief_(belief) {
    if (bound_s <= 0) return;
    const double log_bound = std::log(bound_s);
    probability_ = std::exp(belief.log_above(log_bound));
    ruled_out_ = belief.below(log_bound);
    seconds_ruled_out_ = belief.seconds_below(log_bound);
  }

  bool possible() const { return probability_ >= kImpossible; }

  double gain_rate(double best_s, double timeout_s) const {
    const double log_timeout = std::log(timeout_s);
    const double success = (belief_.below(log_timeout) - ruled_out_) / probability_;
    const double latency = (belief_.seconds_below(log_timeout) - seconds_ruled_out_) / probability_;
    const double charge = latency + timeout_s * (1 - success);
    return (best_s * success - latency) / charge;
  }

 private:
  const TailedNormal& belief_;
  double probability_ = 1;
  double ruled_out_ = 0;
  double seconds_ruled_out_ = 0;
};

}  // namespace

Offer best_offer(const TailedNormal& belief, double bound_s, double best_s,
                 std::span<const double> timeouts_s) {
  Offer best;
  const AboveBound left(belief, bound_s);
  if (!left.possible()) return best;
  for (const double timeout : timeouts_s) {
    if (timeout <= bound_s) continue;
    const double score = left.gain_rate(best_s, timeout);
    if (score > best.score) best = {score, timeout};
  }
  return best;
}

}  // namespace hintd::learning
