#include "core/policy.h"

#include <algorithm>

namespace hintd {
namespace {

struct Chosen {
  ArmId arm;
  DecisionReason reason;
  Millis patience{0};
};

Chosen the_rest(const TemplateRule& rule) {
  return {rule.arm, rule.reason, rule.patience};
}

Chosen by_case(const TemplateRule& rule, std::uint64_t key, DecisionReason reason) {
  const auto it = std::lower_bound(
      rule.cases.begin(), rule.cases.end(), key,
      [](const auto& entry, std::uint64_t wanted) { return entry.first < wanted; });
  if (it == rule.cases.end() || it->first != key) return the_rest(rule);
  return {it->second, reason, Millis(0)};
}

Chosen apply(const TemplateRule& rule, const DecisionRequest& request) {
  switch (rule.cases_by) {
    case TemplateRule::CasesBy::kNothing:
      return the_rest(rule);
    case TemplateRule::CasesBy::kLiteral:
      if (rule.literal >= request.literals.size()) return the_rest(rule);
      return by_case(rule, request.literals[rule.literal], DecisionReason::kVerifiedLiteral);
    case TemplateRule::CasesBy::kPlan:
      if (request.planned == nullptr) return {kDefaultArm, DecisionReason::kNeedsPlan, Millis(0)};
      return by_case(rule, request.planned->plan_shape, DecisionReason::kVerifiedPlan);
  }
  return {kDefaultArm, DecisionReason::kNoWinner, Millis(0)};
}

}  // namespace

MemoryPolicy::MemoryPolicy(std::uint32_t version, TemplateRules rules,
                           std::shared_ptr<const UnseenAdvisor> unseen)
    : version_(version), rules_(std::move(rules)), unseen_(std::move(unseen)) {
  for (auto& [fingerprint, rule] : rules_) std::sort(rule.cases.begin(), rule.cases.end());
}

Decision MemoryPolicy::choose(const DecisionRequest& request) const noexcept {
  Decision decision;
  decision.policy_version = version_;
  if (const auto it = rules_.find(request.fingerprint); it != rules_.end()) {
    const auto [arm, reason, patience] = apply(it->second, request);
    decision.arm = arm;
    decision.reason = reason;
    decision.patience = patience;
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
