#include "core/policy.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace hintd {
namespace {

DecisionReason reason_of(const TemplateRule& rule, const RunChoice& choice, bool is_case) {
  if (choice.arm == kDefaultArm) return rule.reason;
  if (choice.hedged()) return DecisionReason::kHedged;
  if (!is_case) return DecisionReason::kVerified;
  return rule.cases_by == TemplateRule::CasesBy::kPlan ? DecisionReason::kVerifiedPlan
                                                       : DecisionReason::kVerifiedLiteral;
}

void apply(const TemplateRule& rule, const DecisionRequest& request, Decision& decision) {
  const bool by_plan = rule.cases_by == TemplateRule::CasesBy::kPlan;
  if (by_plan && request.planned == nullptr) {
    decision.reason = DecisionReason::kNeedsPlan;
    return;
  }
  const auto* found = rule.case_for(request.literals, by_plan ? request.planned->plan_shape : 0);
  const auto& choice = found == nullptr ? rule.rest : *found;
  decision.arm = choice.arm;
  decision.patience = choice.patience;
  decision.switch_after = choice.switch_after;
  decision.takes_over = choice.takes_over;
  decision.reason = reason_of(rule, choice, found != nullptr);
}

}  // namespace

double LatencyForecast::log_ms_of(std::span<const std::uint64_t> literals) const noexcept {
  double sum = log_ms;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const std::tuple wanted(i, literals[i]);
    const auto it = std::lower_bound(
        effects.begin(), effects.end(), wanted, [](const Effect& effect, const auto& key) {
          return std::tuple<std::size_t, std::uint64_t>(effect.literal, effect.value) < key;
        });
    if (it != effects.end() && it->literal == i && it->value == literals[i]) sum += it->log_ratio;
  }
  return sum;
}

const RunChoice* TemplateRule::case_for(std::span<const std::uint64_t> literals,
                                        std::uint64_t plan_shape) const {
  if (cases.empty()) return nullptr;
  if (cases_by == CasesBy::kForecast) {
    const double us = 1000 * std::exp(forecast.log_ms_of(literals));
    const auto above = std::upper_bound(
        cases.begin(), cases.end(), us,
        [](double wanted, const auto& entry) { return wanted < static_cast<double>(entry.first); });
    return above == cases.begin() ? &cases.front().second : &std::prev(above)->second;
  }
  if (cases_by == CasesBy::kLiteral && literal >= literals.size()) return nullptr;
  const auto key = cases_by == CasesBy::kLiteral ? literals[literal] : plan_shape;
  const auto it = std::lower_bound(
      cases.begin(), cases.end(), key,
      [](const auto& entry, std::uint64_t wanted) { return entry.first < wanted; });
  return it == cases.end() || it->first != key ? nullptr : &it->second;
}

MemoryPolicy::MemoryPolicy(std::uint32_t version, TemplateRules rules,
                           std::shared_ptr<const UnseenAdvisor> unseen)
    : version_(version), rules_(std::move(rules)), unseen_(std::move(unseen)) {
  for (auto& [fingerprint, rule] : rules_)
    std::sort(rule.cases.begin(), rule.cases.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
}

Decision MemoryPolicy::choose(const DecisionRequest& request) const noexcept {
  Decision decision;
  decision.policy_version = version_;
  if (const auto it = rules_.find(request.fingerprint); it != rules_.end()) {
    apply(it->second, request, decision);
    return decision;
  }
  if (unseen_ == nullptr) return decision;
  if (request.planned == nullptr) {
    decision.reason = DecisionReason::kNeedsPlan;
    return decision;
  }
  decision.arm = unseen_->advise(request.planned->features);
  if (decision.arm != kDefaultArm) decision.reason = DecisionReason::kExtended;
  return decision;
}

}  // namespace hintd
