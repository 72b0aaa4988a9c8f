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

// Pairs of runs until there is a verdict; what they took is added to the report.
bool confirmed(double native, const Winner& winner, double true_won, double noise_sd,
               PairedTest test, const PairedTestConfig& config, ConfirmationReport& report,
               Rng& rng) {
  if (winner.arm == kDefaultArm || !test.worth_starting(winner.seconds / native)) return false;
  const double limit = config.default_multiple * winner.seconds;
  for (auto verdict = PairVerdict::kMorePairs;;) {
    const double native_run = native * std::exp(noise_sd * rng.normal());
    const double won_run = true_won * std::exp(noise_sd * rng.normal());
    const double native_charge = std::min(native_run, limit);
    report.charge_s += native_charge + won_run;
    verdict = test.add(won_run / native_charge, native_run > limit);
    if (verdict != PairVerdict::kMorePairs) return verdict == PairVerdict::kFaster;
  }
}

}  // namespace

ConfirmationReport confirm_winners(const LatencyMatrix& matrix, const std::vector<TraceLine>& trace,
                                   double noise_sd, Rng rng, const PairedTestConfig& config) {
  ConfirmationReport report;
  PairNoise noise;
  const auto winners = winners_of(matrix, trace);
  for (std::size_t query = 0; query < winners.size(); ++query) {
    const auto& winner = winners[query];
    const double native = matrix.seconds[query][kDefaultArm];
    const double won = matrix.seconds[query][winner.arm];
    report.winners += winner.arm != kDefaultArm;
    report.workload_before_s += won;
    report.worse_before += won > kWorse * native;
    const bool stays =
        confirmed(native, winner, won, noise_sd, PairedTest(config, noise), config, report, rng);
    report.confirmed += stays;
    report.worse_after += stays && won > kWorse * native;
    report.workload_after_s += stays ? won : native;
  }
  return report;
}

}  // namespace hintd::learning
