// From measurements to rules. For each template three kinds of rule compete: one arm for all, an
// arm per value of one literal, an arm per shape of the default plan. The winner is the one that
// saves most when each statement is judged by the rule learned without it (leave-one-out), which is
// how it will meet literals it has not seen; the simpler kind wins unless another is clearly
// better.
#pragma once

#include <optional>
#include <vector>

#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/rule_config.h"

namespace hintd::learning {

// How sure measurements must be. A proposal fills what was not measured with the arm's mean over
// the template's other statements: it says what is worth verifying. A verified rule counts
// measurements only.
enum class Evidence { kProposed, kVerified };

class RuleLearner {
 public:
  explicit RuleLearner(RuleConfig config) : config_(config) {}

  const RuleConfig& config() const { return config_; }

  // The best rule for the statements of one template; only statements whose default was measured
  // count. A rule whose arm is the default says why in its reason.
  TemplateRule learn(const PlanMemory::Statements& statements, Evidence evidence) const;

  // Every template's verified rule.
  TemplateRules learn_all(const PlanMemory& memory) const;

 private:
  RuleConfig config_;
};

}  // namespace hintd::learning
