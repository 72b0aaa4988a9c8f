#include "learning/explore/plan_belief.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/check.h"
#include "learning/explore/acquisition.h"

namespace hintd::learning {
namespace {

constexpr double kModelSd = 0.5;  // what the heads do not know of a template, log ratio
constexpr double kWithinTemplateSd =
    0.35;  // spread of an arm's log ratio over a template's literals

constexpr double kTail = 0.2;        // chance that an untried arm is of another kind: far faster
constexpr double kWildShift = -1.5;  // than the heads expect, log ratio
constexpr double kWildSd = 1.2;

constexpr double kWholeRun = 1.1;  // part of the default's latency that a whole run may take

TailedNormal log_latency(const Belief& belief, double default_ms) {
  const double log_mean = belief.mean + std::log(default_ms);
  return TailedNormal({log_mean, belief.sd * belief.sd}, 0)
      .mixed_with(belief.tail, {log_mean + kWildShift, kWildSd * kWildSd});
}

Gain best_gain(const Belief& belief, double default_ms, double best_ms,
               std::span<const double> timeouts) {
  const auto offer =
      best_offer(log_latency(belief, default_ms), belief.at_least * default_ms, best_ms, timeouts);
  return {offer.score, offer.timeout_s};
}

}  // namespace

Gain best_gain(const Belief& belief, double default_ms, double best_ms, double shortest_ms) {
  std::vector<double> timeouts;
  for (const double part : {0.05, 0.1, 0.2, 0.4, 0.7, 1.0}) {
    const double timeout = std::max(part * best_ms, std::min(kShortestTimeoutMs, best_ms));
    if (timeout >= shortest_ms) timeouts.push_back(timeout);
  }
  return best_gain(belief, default_ms, best_ms, timeouts);
}

Gain whole_gain(const Belief& belief, double default_ms, double longer_than_ms) {
  if (longer_than_ms >= default_ms) return {};
  const double timeout = kWholeRun * default_ms;
  return best_gain(belief, default_ms, default_ms, std::span(&timeout, 1));
}

Belief believe(const QValues& heads, const StatementEvidence& statement, std::uint16_t group,
               const std::vector<const StatementEvidence*>& others) {
  double mean = 0;
  double variance = 0;
  int arms = 0;
  double seen_mean = 0;
  int seen = 0;
  double at_least = 0;
  for (std::size_t arm = 1; arm < statement.group_of_arm.size(); ++arm) {
    if (statement.group_of_arm[arm] != group) continue;
    ++arms;
    const auto id = static_cast<ArmId>(arm);
    mean += heads.mean(id);
    variance += heads.spread(id) * heads.spread(id);
    at_least = std::max(at_least, statement.ratio_bound(id));
    for (const auto* other : others) {
      if (other == &statement) continue;
      if (const auto ratio = other->ratio(id)) {
        seen_mean += std::log(*ratio);
        ++seen;
      } else if (const double bound = other->ratio_bound(id); bound >= 1) {
        seen_mean += std::log(bound) + 0.3;  // stopped: worse than its bound
        ++seen;
      } else {
        // Stopped early: not as fast as that, and no word about how slow.
        at_least = std::max(at_least, bound * std::exp(-kWithinTemplateSd));
      }
    }
  }
  HINTD_CHECK(arms > 0, "a plan group without arms");
  mean /= arms;
  variance = variance / arms + kModelSd * kModelSd;
  if (seen > 0) {
    const double within = kWithinTemplateSd * kWithinTemplateSd;
    const double weight = std::min(seen, 3) / within;
    const double total = 1 / variance + weight;
    mean = (mean / variance + seen_mean / seen * weight) / total;
    variance = 1 / total + within / 2;
  }
  return {mean, std::sqrt(variance), kTail / (1 + 2 * seen), at_least};
}

}  // namespace hintd::learning
