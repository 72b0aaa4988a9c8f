// From measurements to rules. For each template three kinds of rule compete: one choice for each
// latency that a statement's literals forecast, one per value of a literal, one per shape of the
// default plan. The winner is the one that saves most when each statement is judged by the rule
// learned without it (leave-one-out), which is how it will meet literals it has not seen; the
// simpler kind wins unless another is clearly better.
//
// A choice is the one that costs least in expectation over statements that are yet to come
// (learning/policy/latency_model.h). An arm is hedged (core/policy.h): the default runs in any
// case, so that a wrong arm costs next to nothing and what the search measured is evidence enough.
#pragma once

#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/arm_cost.h"
#include "learning/policy/forecast.h"
#include "learning/policy/rule_config.h"

namespace hintd::learning {

// What is taken for what was not measured (an arm beside the default, an arm on faster statements):
// what is usual, or the best that measurements allow, so that it is worth finding out.
enum class Unmeasured { kCautious, kHopeful };

class RuleLearner {
 public:
  explicit RuleLearner(RuleConfig config) : config_(config) {}

  const RuleConfig& config() const { return config_; }

  // The best rule for the statements of one template. A rule whose arm is the default says why in
  // its reason. Without a forecast there is one choice for all instead.
  TemplateRule learn(const PlanMemory::Statements& statements,
                     Unmeasured unmeasured = Unmeasured::kCautious,
                     const TemplateForecast& forecast = {}) const;

  // Part of the default's cost that the rule saves on the statements known; where it gives an arm
  // that was not run nothing.
  double saved(const TemplateRule& rule, const PlanMemory::Statements& statements) const;

  // Every template's rule.
  TemplateRules learn_all(const PlanMemory& memory) const;

 private:
  RuleConfig config_;
};

}  // namespace hintd::learning
