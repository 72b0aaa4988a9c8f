#include "core/plan_memory.h"

#include <algorithm>

#include "core/check.h"
#include "core/rng.h"
#include "core/statistics.h"

namespace hintd {

double PlanRuns::latency_ms() const {
  HINTD_CHECK(measured(), "the latency of a plan that never finished");
  auto runs = finished_ms;
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>((runs.size() - 1) / 2);
  std::nth_element(runs.begin(), middle, runs.end());
  return *middle;
}

double StatementEvidence::default_ms() const {
  return planned() && groups.front().measured() ? groups.front().latency_ms() : 0;
}

std::optional<double> StatementEvidence::ratio(ArmId arm) const {
  const double baseline = default_ms();
  if (baseline <= 0) return std::nullopt;
  if (group_of_arm[arm] == 0) return 1.0;
  const auto& runs = runs_of(arm);
  if (runs.paired()) return median(runs.paired_ratios);
  if (!runs.measured()) return std::nullopt;
  return runs.latency_ms() / baseline;
}

double StatementEvidence::ratio_bound(ArmId arm) const {
  const double baseline = default_ms();
  return baseline <= 0 ? 0 : runs_of(arm).longer_than_ms / baseline;
}

std::pair<ArmId, double> StatementEvidence::best() const {
  std::pair<ArmId, double> best{kDefaultArm, default_ms()};
  for (std::size_t i = 1; i < group_of_arm.size(); ++i) {
    const auto arm = static_cast<ArmId>(i);
    const auto& runs = runs_of(arm);
    if (runs.measured() && !runs.unusable && runs.latency_ms() < best.second)
      best = {arm, runs.latency_ms()};
  }
  return best;
}

std::vector<std::uint16_t> plan_groups(const std::vector<std::uint64_t>& identities) {
  std::vector<std::uint16_t> group_of_arm;
  std::vector<std::uint64_t> groups;
  for (const auto identity : identities) {
    const auto it = std::find(groups.begin(), groups.end(), identity);
    group_of_arm.push_back(static_cast<std::uint16_t>(it - groups.begin()));
    if (it == groups.end()) groups.push_back(identity);
  }
  return group_of_arm;
}

PlanMemory::StatementId PlanMemory::id_of(std::uint64_t fingerprint,
                                          const std::vector<std::uint64_t>& literals) {
  std::uint64_t id = fingerprint;
  for (const auto literal : literals) id = hash_combine(id, literal);
  return id;
}

void PlanMemory::forget(std::uint64_t fingerprint, const std::vector<std::uint64_t>& literals) {
  const auto it = templates_.find(fingerprint);
  if (it != templates_.end()) it->second.erase(id_of(fingerprint, literals));
}

StatementEvidence& PlanMemory::statement(std::uint64_t fingerprint,
                                         const std::vector<std::uint64_t>& literals) {
  auto [it, is_new] = templates_[fingerprint].try_emplace(id_of(fingerprint, literals));
  if (is_new) {
    it->second.fingerprint = fingerprint;
    it->second.literals = literals;
  }
  return it->second;
}

}  // namespace hintd
