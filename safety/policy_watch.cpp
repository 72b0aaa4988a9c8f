#include "safety/policy_watch.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace hintd::safety {
namespace {

constexpr int kBlock = 256;
constexpr double kMostRatio = 4;   // one wild run must not decide
constexpr double kMostWeight = 2;  // nor one slow template

}  // namespace

PolicyWatch::PolicyWatch(double threshold, double false_alarms)
    : threshold_(threshold), false_alarms_(false_alarms) {
  HINTD_CHECK(threshold >= 0 && false_alarms > 0 && false_alarms < 1, "a watch out of range");
  begin_block();
}

void PolicyWatch::begin_block() {
  ++block_;
  runs_ = 0;
  latency_ms_ = default_ms_ = scores_ = variance_ = 0;
  runs_of_template_.clear();
  log_capital_ = {};
}

bool PolicyWatch::too_slow(std::uint64_t fingerprint, double latency_ms, const Baseline& baseline) {
  HINTD_CHECK(latency_ms > 0 && baseline.mean_ms > 0, "a latency of nothing");
  if (runs_ == kBlock) begin_block();
  ++runs_;
  latency_ms_ += latency_ms;
  default_ms_ += baseline.mean_ms;
  const double needed = log_evidence_needed(false_alarms_ / 2, block_);
  const bool typical = typical_evidence(fingerprint, latency_ms, baseline.scale) >= needed;
  const bool total = total_evidence(latency_ms, baseline) >= needed;
  return total || (typical && ratio() > 1 + threshold_);
}

double PolicyWatch::typical_evidence(std::uint64_t fingerprint, double latency_ms,
                                     const LatencyScale& scale) {
  const int n = ++runs_of_template_[fingerprint];
  scores_ += scale.score(latency_ms / (1 + threshold_)) - scale.mean();
  // n runs of a template share its baseline's error: their sum's variance is n + n^2 / size.
  variance_ += scale.variance() * (1 + (2 * n - 1) / scale.size());
  const double all = runs_;
  return log_evidence_of_shift(scores_ / all, variance_ / (all * all), 1);
}

double PolicyWatch::total_evidence(double latency_ms, const Baseline& baseline) {
  // Weights hang on what was known before the run, never on how it went.
  ++seen_;
  mean_default_ms_ += (baseline.mean_ms - mean_default_ms_) / static_cast<double>(seen_);
  const double weight = std::min(baseline.mean_ms / mean_default_ms_, kMostWeight) / kMostWeight;
  const double bar = 1 + threshold_;
  const double ratio = std::min(latency_ms / (baseline.mean_ms + baseline.error_ms), kMostRatio);
  // At worst -weight; scaled so that no bet can lose everything.
  const double win = weight * (ratio - bar) / bar;
  double most = -1e300;
  for (std::size_t i = 0; i < kBets.size(); ++i) {
    log_capital_[i] += std::log1p(kBets[i] * win);
    most = std::max(most, log_capital_[i]);
  }
  double sum = 0;
  for (const double log_capital : log_capital_) sum += std::exp(log_capital - most);
  return most + std::log(sum / kBets.size());
}

}  // namespace hintd::safety
