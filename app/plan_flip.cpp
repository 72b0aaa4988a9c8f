#include "app/plan_flip.h"

#include <cstdio>
#include <map>

#include "core/plan_memory.h"
#include "core/statistics.h"

namespace hintd::app {
namespace {

constexpr int kPairs = 5;
constexpr double kFaster = 0.9;
constexpr double kLimit = 3;  // times the new plan's latency: the old one then lost

// The arm whose plan has the shape, looked for where the default's no longer has it.
Result<std::optional<ArmId>> arm_of_shape(PlanExecutor& executor, const HintCatalogue& catalogue,
                                          const std::string& sql, std::uint64_t shape) {
  for (std::size_t arm = 1; arm < catalogue.size(); ++arm) {
    HINTD_TRY(const auto plan, executor.explain(sql, catalogue[static_cast<ArmId>(arm)]));
    if (plan.shape_hash() == shape) return std::optional(static_cast<ArmId>(arm));
  }
  return std::optional<ArmId>{};
}

Result<double> paired_ratio(PlanExecutor& executor, const HintCatalogue& catalogue,
                            const std::string& sql, ArmId arm) {
  std::vector<double> ratios;
  for (int pair = 0; pair < kPairs; ++pair) {
    HINTD_TRY(const auto plain, executor.run(sql, catalogue[kDefaultArm], kNoTimeout));
    const Millis limit = kLimit * plain.latency + Millis(1);
    HINTD_TRY(const auto hinted, executor.run(sql, catalogue[arm], limit));
    ratios.push_back(hinted.latency / plain.latency);
  }
  return median(std::move(ratios));
}

Result<PlanFlip> measured(PlanExecutor& executor, const HintCatalogue& catalogue,
                          const std::string& sql, PlanFlip flip) {
  HINTD_TRY(flip.old_plan, arm_of_shape(executor, catalogue, sql, flip.before));
  if (flip.old_plan) {
    HINTD_TRY(flip.ratio, paired_ratio(executor, catalogue, sql, *flip.old_plan));
  }
  return flip;
}

std::string detail_of(const PlanFlip& flip, const HintCatalogue& catalogue) {
  if (!flip.old_plan) return "no hint set gives the old plan";
  char text[160];
  std::snprintf(text, sizeof text, "the old plan, by %s, takes %.2fx the new one's time",
                catalogue[*flip.old_plan].name.c_str(), flip.ratio);
  return text;
}

}  // namespace

Result<std::vector<PlanFlip>> find_plan_flips(safety::PlanWatch& watch,
                                              const learning::StatementSample& sample,
                                              PlanExecutor& executor,
                                              const HintCatalogue& catalogue, EventSink& events,
                                              const Clock& clock) {
  std::vector<PlanFlip> flips;
  for (const auto& [fingerprint, known] : sample.templates()) {
    for (const auto& statement : known.statements) {
      const auto plan = executor.explain(statement.sql, catalogue[kDefaultArm]);
      if (!plan && plan.error().kind == ErrorKind::kUnavailable)
        return tl::make_unexpected(plan.error());
      if (!plan) continue;
      const auto now = plan->shape_hash();
      const auto before =
          watch.planned(PlanMemory::id_of(fingerprint, statement.parsed.literals), now);
      if (!before) continue;
      auto flip = measured(executor, catalogue, statement.sql,
                           {fingerprint, *before, now, std::nullopt, 1});
      if (!flip && flip.error().kind == ErrorKind::kUnavailable)
        return tl::make_unexpected(flip.error());
      if (!flip) continue;
      events.record(
          SafetyEvent{clock.now(), "plan_flip", fingerprint, detail_of(*flip, catalogue)});
      flips.push_back(*flip);
    }
  }
  return flips;
}

TemplateRules rules_of(const std::vector<PlanFlip>& flips) {
  std::map<std::uint64_t, std::optional<ArmId>> arms;  // nothing: not for this template
  for (const auto& flip : flips) {
    const bool faster = flip.old_plan && flip.ratio <= kFaster;
    const auto [place, is_new] = arms.emplace(flip.fingerprint, flip.old_plan);
    if (!faster || (!is_new && place->second != flip.old_plan)) place->second.reset();
  }
  TemplateRules rules;
  for (const auto& [fingerprint, arm] : arms) {
    if (!arm) continue;
    rules[fingerprint].rest.arm = *arm;
  }
  return rules;
}

}  // namespace hintd::app
