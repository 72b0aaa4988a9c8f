#include "learning/policy/provable_part.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

// The bet has to be learned while it is made, and a template was tried once to three times.
constexpr double kSlack = 2;
constexpr int kBets = 40;

double weight_of(std::span<const TriedTemplate> tried) {
  double sum = 0;
  for (const auto& one : tried) sum += one.weight;
  return sum;
}

// Per unit of traffic time.
double saved_by(std::span<const TriedTemplate> tried) {
  double sum = 0;
  for (const auto& one : tried) sum += one.weight * mean(one.saving);
  return sum;
}

Millis pair_takes(std::span<const TriedTemplate> tried) {
  Millis sum{0};
  for (const auto& one : tried)
    sum += one.weight * one.took / static_cast<double>(one.saving.size());
  return sum / weight_of(tried);
}

}  // namespace

double pairs_needed(std::span<const TriedTemplate> tried, double wanted, double worst_saving,
                    double alpha) {
  const double all = weight_of(tried);
  double fastest = 0;  // growth of the log capital, a pair
  for (int i = 1; i < kBets; ++i) {
    const double bet = i / (kBets * (wanted - worst_saving));
    double growth = 0;
    for (const auto& one : tried)
      for (const double saving : one.saving)
        growth += one.weight / all / static_cast<double>(one.saving.size()) *
                  std::log1p(bet * (std::clamp(saving, worst_saving, 1.0) - wanted));
    fastest = std::max(fastest, growth);
  }
  return fastest > 0 ? std::log(1 / alpha) / fastest : std::numeric_limits<double>::infinity();
}

std::set<std::uint64_t> provable_part(std::vector<TriedTemplate> tried, double wanted,
                                      double worst_saving, double alpha, Millis left) {
  std::stable_sort(tried.begin(), tried.end(),
                   [](const auto& a, const auto& b) { return mean(a.saving) > mean(b.saving); });
  std::size_t best = 0;
  double most = 0;
  std::size_t soonest_size = 0;
  double soonest = std::numeric_limits<double>::infinity();
  for (std::size_t size = 1; size <= tried.size(); ++size) {
    const auto part = std::span<const TriedTemplate>(tried).first(size);
    const double needed = pairs_needed(part, wanted, worst_saving, alpha);
    const double takes = kSlack * needed * pair_takes(part).count();
    if (takes < soonest) {
      soonest = takes;
      soonest_size = size;
    }
    if (takes <= left.count() && saved_by(part) > most) {
      most = saved_by(part);
      best = size;
    }
  }
  std::set<std::uint64_t> fingerprints;
  for (std::size_t i = 0; i < (best > 0 ? best : soonest_size); ++i)
    fingerprints.insert(tried[i].fingerprint);
  return fingerprints;
}

}  // namespace hintd::learning
