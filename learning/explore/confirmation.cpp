#include "learning/explore/confirmation.h"

#include <algorithm>
#include <cmath>

namespace hintd::learning {
namespace {

constexpr double kWorse = 1.1;

struct Winner {
  ArmId arm = kDefaultArm;
  double seconds = 0;
};

std::vector<Winner> winners_of(const LatencyMatrix& matrix, const std::vector<TraceLine>& trace) {
  std::vector<Winner> winners;
  for (const auto& row : matrix.seconds) winners.push_back({kDefaultArm, row[kDefaultArm]});
  for (const auto& line : trace)
    if (line.completed && line.charge_s < winners[line.query].seconds)
      winners[line.query] = {line.hint, line.charge_s};
  return winners;
}

}  // namespace

PairVerdict PairedTest::add(double log_ratio) {
  ++pairs_;
  sum_ += log_ratio;
  squares_ += log_ratio * log_ratio;
  if (pairs_ < config_.least_pairs) return PairVerdict::kMorePairs;
  const double mean = sum_ / pairs_;
  const double variance = std::max(0.0, squares_ - sum_ * mean) / (pairs_ - 1);
  if (mean < -config_.t * std::sqrt(variance / pairs_)) return PairVerdict::kFaster;
  // Nothing speaks for it any more: the rest of the pairs would be wasted.
  if (mean >= 0 || pairs_ == config_.most_pairs) return PairVerdict::kNotFaster;
  return PairVerdict::kMorePairs;
}

ConfirmationReport confirm_winners(const LatencyMatrix& matrix, const std::vector<TraceLine>& trace,
                                   double noise_sd, Rng rng) {
  ConfirmationReport report;
  const auto winners = winners_of(matrix, trace);
  for (std::size_t query = 0; query < winners.size(); ++query) {
    const double native = matrix.seconds[query][kDefaultArm];
    const double won = matrix.seconds[query][winners[query].arm];
    report.workload_before_s += won;
    report.worse_before += won > kWorse * native;
    PairVerdict verdict = PairVerdict::kMorePairs;
    if (winners[query].arm == kDefaultArm)
      verdict = PairVerdict::kNotFaster;
    else
      ++report.winners;
    for (PairedTest test; verdict == PairVerdict::kMorePairs;) {
      const double native_run = native * std::exp(noise_sd * rng.normal());
      const double won_run = won * std::exp(noise_sd * rng.normal());
      report.charge_s += native_run + won_run;
      verdict = test.add(std::log(won_run / native_run));
    }
    const bool confirmed = verdict == PairVerdict::kFaster;
    report.confirmed += confirmed;
    report.worse_after += confirmed && won > kWorse * native;
    report.workload_after_s += confirmed ? won : native;
  }
  return report;
}

}  // namespace hintd::learning
