// What was measured: every statement that was explored, the plans its arms give, and their
// latencies. Rules (learning/policy) and reports are made from it; nothing here decides. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/features.h"
#include "core/hint_set.h"

namespace hintd {

// All runs of one plan of one statement. A run stopped at its timeout only says "longer than that".
struct PlanRuns {
  std::vector<double> finished_ms;
  // Latency over the default's in runs made in pairs, end to end, one right after the other: what
  // counts as proof. The default's own group has none.
  std::vector<double> paired_ratios;
  // By how much the default was slowed where this plan ran beside it: factors, 1: not at all.
  std::vector<double> slow_downs;
  double longer_than_ms = 0;  // the largest timeout a run was stopped at; 0: none was

  bool parallel = false;  // the plan has workers: it takes more than one core
  bool unusable = false;  // failed, or gave rows that the default did not: never to be served

  bool measured() const { return !finished_ms.empty(); }
  bool paired() const { return !paired_ratios.empty(); }
  bool tried() const { return measured() || longer_than_ms > 0; }
  // The lower median of the finished runs: on a busy machine noise only adds. Needs measured().
  double latency_ms() const;
};

struct StatementEvidence {
  std::uint64_t fingerprint = 0;
  std::vector<std::uint64_t> literals;
  double seen = 0;         // how often traffic held it
  double observed_ms = 0;  // least latency under the default in traffic; 0: not seen yet

  // Set once planned.
  std::uint64_t default_shape = 0;
  FeatureVector features{};
  std::vector<std::uint16_t>
      group_of_arm;  // arms of one group give one plan; the default's group is 0
  std::vector<PlanRuns> groups;

  bool planned() const { return !group_of_arm.empty(); }
  const PlanRuns& runs_of(ArmId arm) const { return groups[group_of_arm[arm]]; }
  PlanRuns& runs_of(ArmId arm) { return groups[group_of_arm[arm]]; }
  // As the explorer measured it; 0 until the default was run.
  double default_ms() const;
  // The same, or where it was not run what traffic observed.
  double usual_ms() const { return default_ms() > 0 ? default_ms() : observed_ms; }
  // Latency under the arm over latency under the default: the median of the pairs, or where there
  // are none the ratio of single runs; nothing unless both were measured. 1 for an arm that gives
  // the default's plan.
  std::optional<double> ratio(ArmId arm) const;
  // At least this ratio, from a run that was stopped; 0: nothing known.
  double ratio_bound(ArmId arm) const;
  // The smallest latency measured under any arm, and that arm; the default's where nothing was
  // faster.
  std::pair<ArmId, double> best() const;
};

// Groups arms by the identity of their plans, given in order of the arms.
std::vector<std::uint16_t> plan_groups(const std::vector<std::uint64_t>& identities);

class PlanMemory {
 public:
  using StatementId = std::uint64_t;
  static StatementId id_of(std::uint64_t fingerprint, const std::vector<std::uint64_t>& literals);

  // The entry of a statement, made when it is new. Stays where it is until it is forgotten.
  StatementEvidence& statement(std::uint64_t fingerprint,
                               const std::vector<std::uint64_t>& literals);
  void forget(std::uint64_t fingerprint, const std::vector<std::uint64_t>& literals);
  // Ordered by template, then by statement: the same content walks the same way.
  using Statements = std::map<StatementId, StatementEvidence>;
  const std::map<std::uint64_t, Statements>& templates() const { return templates_; }
  std::map<std::uint64_t, Statements>& templates() { return templates_; }

 private:
  std::map<std::uint64_t, Statements> templates_;
};

}  // namespace hintd
