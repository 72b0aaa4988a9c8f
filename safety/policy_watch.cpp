#include "safety/policy_watch.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace hintd::safety {
namespace {

constexpr int kWatchBlock = 256;
constexpr double kMostRatio = 4;   // one wild run must not decide
constexpr double kMostWeight = 2;  // nor one slow template

}  // namespace

PolicyWatch::PolicyWatch(double threshold, double false_alarms)
    : threshold_(threshold), false_alarms_(false_alarms) {
  HINTD_CHECK(threshold >= 0 && false_alarms > 0 && false_alarms < 1, "a watch out of range");
  begin_block();
}

void PolicyWatch::begin_block() {
  State next;
  next.block = state_.block + 1;
  next.mean_default_ms = state_.mean_default_ms;
  next.seen = state_.seen;
  state_ = std::move(next);
}

bool PolicyWatch::too_slow(std::uint64_t fingerprint, double latency_ms, const Baseline& baseline) {
  HINTD_CHECK(latency_ms > 0 && baseline.mean_ms > 0, "a latency of nothing");
  if (state_.runs == kWatchBlock) begin_block();
  ++state_.runs;
  state_.latency_ms += latency_ms;
  state_.default_ms += baseline.mean_ms;
  const double needed = log_evidence_needed(false_alarms_ / 2, state_.block);
  const bool typical = typical_evidence(fingerprint, latency_ms, baseline.scale) >= needed;
  const bool total = total_evidence(latency_ms, baseline) >= needed;
  return total || (typical && ratio() > 1 + threshold_);
}

double PolicyWatch::typical_evidence(std::uint64_t fingerprint, double latency_ms,
                                     const LatencyScale& scale) {
  const int n = ++state_.runs_of_template[fingerprint];
  state_.scores += scale.score(latency_ms / (1 + threshold_)) - scale.mean();
  // n runs of a template share its baseline's error: their sum's variance is n + n^2 / size.
  state_.variance += scale.variance() * (1 + (2 * n - 1) / scale.size());
  const double all = state_.runs;
  return log_evidence_of_shift(state_.scores / all, state_.variance / (all * all), 1);
}

double PolicyWatch::total_evidence(double latency_ms, const Baseline& baseline) {
  // Weights hang on what was known before the run, never on how it went.
  ++state_.seen;
  state_.mean_default_ms +=
      (baseline.mean_ms - state_.mean_default_ms) / static_cast<double>(state_.seen);
  const double weight =
      std::min(baseline.mean_ms / state_.mean_default_ms, kMostWeight) / kMostWeight;
  const double bar = 1 + threshold_;
  const double ratio = std::min(latency_ms / (baseline.mean_ms + baseline.error_ms), kMostRatio);
  // At worst -weight; scaled so that no bet can lose everything.
  const double win = weight * (ratio - bar) / bar;
  for (std::size_t i = 0; i < kBets.size(); ++i)
    state_.log_capital[i] += std::log1p(kBets[i] * win);
  return log_of_mean(state_.log_capital);
}

}  // namespace hintd::safety
