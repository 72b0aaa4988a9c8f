#include "safety/policy_watch.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "safety/shift_test.h"

namespace hintd::safety {
namespace {

constexpr int kBlock = 256;
constexpr double kMostRatio = 4;   // one wild run must not decide
constexpr double kMostWeight = 2;  // nor one slow template

}  // namespace

PolicyWatch::PolicyWatch(double threshold, double false_alarms)
    : threshold_(threshold), false_alarms_(false_alarms) {
  HINTD_CHECK(threshold >= 0 && false_alarms > 0 && false_alarms < 1, "a watch out of range");
}

bool PolicyWatch::too_slow(double latency_ms, double default_ms, double default_error_ms) {
  HINTD_CHECK(latency_ms > 0 && default_ms > 0, "a latency of nothing");
  if (runs_ == kBlock) {
    log_capital_ = {};
    runs_ = 0;
    latency_ms_ = default_ms_ = 0;
    ++block_;
  }
  // Weights hang on what was known before the run, never on how it went.
  ++seen_;
  mean_default_ms_ += (default_ms - mean_default_ms_) / static_cast<double>(seen_);
  const double weight = std::min(default_ms / mean_default_ms_, kMostWeight) / kMostWeight;
  const double bar = 1 + threshold_;
  const double ratio = std::min(latency_ms / (default_ms + default_error_ms), kMostRatio);
  // At worst -weight * bar; scaled so that no bet can lose everything.
  const double win = weight * (ratio - bar) / bar;

  ++runs_;
  latency_ms_ += latency_ms;
  default_ms_ += default_ms;
  double most = -1e300;
  for (std::size_t i = 0; i < kBets.size(); ++i) {
    log_capital_[i] += std::log1p(kBets[i] * win);
    most = std::max(most, log_capital_[i]);
  }
  double sum = 0;
  for (const double log_capital : log_capital_) sum += std::exp(log_capital - most);
  return most + std::log(sum / kBets.size()) >= log_evidence_needed(false_alarms_, block_);
}

}  // namespace hintd::safety
