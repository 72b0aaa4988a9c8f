#include "safety/shift_test.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/check.h"
#include "core/statistics.h"

namespace hintd::safety {
namespace {

constexpr double kClip = 3;
constexpr double kPriorVariance = 1;   // of the effect, in variances of a score
constexpr double kLeastSpread = 0.01;  // log-ratio: clocks are no finer
constexpr double kNormalPerMad = 1.4826;
constexpr double kLeastVariance = 0.01;

std::vector<double> logs_of(std::span<const double> values) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::log(std::max(value, 1e-3)));
  return logs;
}

double spread_around(const std::vector<double>& logs, double center) {
  std::vector<double> distances;
  for (const double value : logs) distances.push_back(std::abs(value - center));
  return std::max(kLeastSpread, kNormalPerMad * median(std::move(distances)));
}

}  // namespace

LatencyScale::LatencyScale(std::span<const double> sample_ms) {
  HINTD_CHECK(sample_ms.size() >= kFewest, "too small a sample to judge by");
  const auto logs = logs_of(sample_ms);
  const double center = median(logs);
  const auto size = static_cast<double>(sample_ms.size());
  state_ = {center, spread_around(logs, center), 0, 0, size};
  for (const double ms : sample_ms) state_.mean += score(ms) / size;
  double squares = 0;
  for (const double ms : sample_ms) squares += (score(ms) - mean()) * (score(ms) - mean());
  // Three less, as the variance of Student's t has it: a variance that was estimated is uncertain.
  state_.variance = std::max(kLeastVariance, squares / (size - 3));
}

double LatencyScale::score(double latency_ms) const {
  const double log = std::log(std::max(latency_ms, 1e-3));
  return std::clamp((log - state_.center) / state_.spread, -kClip, kClip);
}

double LatencyScale::ratio(double mean_score) const {
  return std::exp(state_.spread * (mean_score - mean()));
}

ShiftTest::ShiftTest(LatencyScale scale, double false_alarms, std::int64_t first_block)
    : scale_(scale), false_alarms_(false_alarms), first_block_(first_block), block_(first_block) {
  HINTD_CHECK(false_alarms > 0 && false_alarms < 1, "a chance of false alarms outside (0, 1)");
}

ShiftTest::ShiftTest(const State& state, double false_alarms)
    : ShiftTest(LatencyScale(state.scale), false_alarms, state.first_block) {
  block_ = state.block;
  in_block_ = state.in_block;
  whole_ = state.whole;
}

double ShiftTest::log_evidence(const Sum& sum) const {
  const auto n = static_cast<double>(sum.runs);
  const double variance = scale_.variance() * (1 / n + 1 / scale_.size());
  const double prior = kPriorVariance * scale_.variance();
  const double difference = sum.scores / n - scale_.mean();
  return log_evidence_of_shift(difference, variance, prior);
}

double log_evidence_of_shift(double difference, double variance, double prior) {
  const double both = variance + prior;
  const double slower = normal_cdf(difference * std::sqrt(prior / (variance * both)));
  return std::log(2 * slower) + 0.5 * std::log(variance / both) +
         difference * difference * prior / (2 * variance * both);
}

bool ShiftTest::slower(double latency_ms) {
  if (in_block_.runs == kBlock) {
    in_block_ = {};
    ++block_;
  }
  const double score = scale_.score(latency_ms);
  for (auto* sum : {&in_block_, &whole_}) {
    sum->scores += score;
    ++sum->runs;
  }
  return log_evidence(in_block_) >= log_evidence_needed(false_alarms_ / 2, block_) ||
         log_evidence(whole_) >= log_evidence_needed(false_alarms_ / 2, first_block_);
}

double log_evidence_needed(double false_alarms, std::int64_t block) {
  const auto k = static_cast<double>(block);
  return std::log(std::numbers::pi * std::numbers::pi * k * k / (6 * false_alarms));
}

double log_of_mean(std::span<const double> logs) {
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - most);
  return most + std::log(sum / static_cast<double>(logs.size()));
}

}  // namespace hintd::safety
