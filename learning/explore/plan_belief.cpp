#include "learning/explore/plan_belief.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/statistics.h"

namespace hintd::learning {
namespace {

constexpr double kShortestTimeoutMs = 2;  // below it cancelling costs more than it saves
constexpr double kModelSd = 0.5;          // what the heads do not know of a template, log ratio
constexpr double kWithinTemplateSd =
    0.35;  // spread of an arm's log ratio over a template's literals

constexpr double kTail = 0.2;        // chance that an untried arm is of another kind: far faster
constexpr double kTailShift = -1.5;  // than the heads expect, log ratio
constexpr double kTailSd = 1.2;

// P(latency < timeout), and the mean of the latency over those cases times P.
struct InTime {
  double probability = 0;
  double weighted_ms = 0;
};

InTime in_time(double log_mean, double sd, double timeout_ms) {
  if (timeout_ms <= 0) return {};
  const double a = (std::log(timeout_ms) - log_mean) / sd;
  return {normal_cdf(a), std::exp(log_mean + sd * sd / 2) * normal_cdf(a - sd)};
}

InTime in_time(const Belief& belief, double default_ms, double timeout_ms) {
  const double log_mean = belief.mean + std::log(default_ms);
  const auto usual = in_time(log_mean, belief.sd, timeout_ms);
  const auto tail = in_time(log_mean + kTailShift, kTailSd, timeout_ms);
  return {(1 - belief.tail) * usual.probability + belief.tail * tail.probability,
          (1 - belief.tail) * usual.weighted_ms + belief.tail * tail.weighted_ms};
}

}  // namespace

Gain best_gain(const Belief& belief, double default_ms, double best_ms, double shortest_ms) {
  const double stopped_ms = belief.at_least * default_ms;
  const auto ruled_out = in_time(belief, default_ms, stopped_ms);
  const double possible = 1 - ruled_out.probability;
  Gain best;
  if (possible < 1e-6) return best;
  for (const double part : {0.05, 0.1, 0.2, 0.4, 0.7, 1.0}) {
    const double timeout = std::max(part * best_ms, std::min(kShortestTimeoutMs, best_ms));
    if (timeout < shortest_ms || timeout <= stopped_ms) continue;
    const auto ended = in_time(belief, default_ms, timeout);
    const double p = (ended.probability - ruled_out.probability) / possible;
    const double q = (ended.weighted_ms - ruled_out.weighted_ms) / possible;
    const double spent = q + timeout * (1 - p);
    const double score = spent > 0 ? (best_ms * p - q) / spent : 0;
    if (score > best.score) best = {score, timeout};
  }
  return best;
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
