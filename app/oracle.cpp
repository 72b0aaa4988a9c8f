#include "app/oracle.h"

#include <algorithm>
#include <set>

#include "core/statistics.h"

namespace hintd::app {
namespace {

constexpr int kRuns = 3;

}  // namespace

Oracle::Oracle(const HintCatalogue& catalogue, PlanExecutor& executor)
    : catalogue_(catalogue), executor_(executor), wins_(catalogue.size(), 0) {}

std::vector<ArmId> Oracle::arms_by_wins() const {
  std::vector<ArmId> arms;
  for (std::size_t arm = 0; arm < catalogue_.size(); ++arm) arms.push_back(static_cast<ArmId>(arm));
  std::stable_sort(arms.begin() + 1, arms.end(),
                   [&](ArmId a, ArmId b) { return wins_[a] > wins_[b]; });
  return arms;
}

Result<OracleResult> Oracle::best_of(const std::string& sql, OracleResult reached) {
  OracleResult best = reached;
  std::set<std::uint64_t> seen;
  // The default first, so that its plan is not run again; then what won often: a small best latency
  // soon makes the other runs short.
  for (const auto arm : arms_by_wins()) {
    const auto& hint_set = catalogue_[arm];
    HINTD_TRY(const auto plan, executor_.explain(sql, hint_set));
    if (!seen.insert(plan.identity(hint_set)).second || arm == kDefaultArm) continue;
    // Slower than the best one known: it cannot be the oracle's, so it need not finish.
    HINTD_TRY(const auto run, executor_.run(sql, hint_set, Millis(best.ms)));
    if (!run.timed_out && run.latency.count() < best.ms) {
      best.arm = arm;
      best.ms = run.latency.count();
    }
  }
  if (best.ms < reached.ms) {
    // The smallest of many single runs flatters: the winner is measured again. It may be the arm
    // that reached so far, which took longer because it was hedged.
    std::vector<double> again;
    for (int run = 0; run < kRuns; ++run) {
      HINTD_TRY(const auto execution, executor_.run(sql, catalogue_[best.arm], kNoTimeout));
      again.push_back(execution.latency.count());
    }
    best.ms = median(again);
    if (best.ms >= reached.ms) best = reached;
  }
  ++wins_[best.arm];
  best.distinct_plans = static_cast<int>(seen.size());
  return best;
}

}  // namespace hintd::app
