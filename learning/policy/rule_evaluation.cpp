#include "learning/policy/rule_evaluation.h"

#include <algorithm>
#include <limits>

namespace hintd::learning {
namespace {

constexpr std::size_t kRuleFolds = 10;
constexpr double kSlower = 1.1;
// What two runs beside each other cost, by 718 measurements and 86 joins in vain.
constexpr SlowDown kMeasuredBeside[] = {{0.78, 1.0}, {0.10, 1.2}, {0.12, 1.4}};
constexpr double kMeasuredWorkers = 1.75;
constexpr double kMeasuredJoinMs = 0.15;
constexpr double kMeasuredCancelMs = 0.5;

// Latency of the first of both to end.
double joined_ms(const RunChoice& choice, double default_ms, double arm_ms, double slow_down) {
  const double begun = choice.patience.count() + kMeasuredJoinMs;
  return std::min(begun + slow_down * (default_ms - choice.patience.count()),
                  begun + slow_down * arm_ms + kMeasuredCancelMs);
}

void judge(const RunChoice& choice, const Sample& sample, RuleFigures& figures) {
  const double default_ms = sample.usual_ms;
  const bool steered = choice.arm != kDefaultArm;
  const bool reached = steered && default_ms > choice.patience.count();
  if (sample.arms.empty() || sample.statement->default_ms() <= 0) {
    ++figures.observed;
    if (!reached) return;
    if (choice.takes_over) {
      figures.slower += 0.5;
      return;
    }
    for (const auto& [weight, factor] : kMeasuredBeside)
      if (joined_ms(choice, default_ms, std::numeric_limits<double>::infinity(), factor) >
          kSlower * default_ms)
        figures.slower += weight;
    return;
  }
  double best_ms = default_ms;
  for (const auto& arm : sample.arms)
    if (arm.measured && !arm.same_plan) best_ms = std::min(best_ms, arm.ms);
  double learned_ms = default_ms;
  if (steered) {
    const auto& arm = sample.arms[choice.arm];
    const double arm_ms = arm.same_plan ? default_ms : arm.ms;
    if (arm_ms <= 0) {
      ++figures.unknown;
      return;
    }
    ++figures.hinted;
    const auto count = [&](double weight, double ms) {
      learned_ms += weight * (ms - default_ms);
      if (ms > kSlower * default_ms) figures.slower += weight;
    };
    if (reached && choice.takes_over) {
      const double ms = choice.patience.count() + kMeasuredCancelMs + arm_ms;
      count(1, ms);
      figures.taken_over_slower += ms > kSlower * default_ms;
    } else if (reached && arm.parallel) {
      count(1, joined_ms(choice, default_ms, arm_ms, kMeasuredWorkers));
    } else if (reached) {
      for (const auto& [weight, factor] : kMeasuredBeside)
        count(weight, joined_ms(choice, default_ms, arm_ms, factor));
    }
  } else {
    figures.lost_without_rule_ms += default_ms - best_ms;
  }
  ++figures.searched;
  figures.default_ms += default_ms;
  figures.best_ms += best_ms;
  figures.learned_ms += learned_ms;
}

}  // namespace

RuleFigures& RuleFigures::operator+=(const RuleFigures& other) {
  searched += other.searched;
  hinted += other.hinted;
  unknown += other.unknown;
  observed += other.observed;
  default_ms += other.default_ms;
  best_ms += other.best_ms;
  learned_ms += other.learned_ms;
  lost_without_rule_ms += other.lost_without_rule_ms;
  slower += other.slower;
  taken_over_slower += other.taken_over_slower;
  return *this;
}

double RuleFigures::captured() const {
  const double could_be = default_ms - best_ms;
  return could_be > 0 ? (default_ms - learned_ms) / could_be : 0;
}

double RuleFigures::slower_share() const {
  const int all = searched + observed;
  return all > 0 ? slower / all : 0;
}

RuleFigures cross_validate(const RuleLearner& learner, const PlanMemory& memory) {
  RuleFigures figures;
  for (std::size_t fold = 0; fold < kRuleFolds; ++fold) {
    auto others = memory;
    std::size_t number = 0;
    std::vector<const StatementEvidence*> left_out;
    for (const auto& [fingerprint, statements] : memory.templates())
      for (const auto& [id, statement] : statements) {
        if (number++ % kRuleFolds != fold || statement.usual_ms() <= 0) continue;
        left_out.push_back(&statement);
        others.forget(fingerprint, statement.literals);
      }
    const auto rules = learner.learn_all(others);
    for (const auto* statement : left_out) {
      const auto rule = rules.find(statement->fingerprint);
      const auto choice = rule == rules.end() ? RunChoice{}
                                              : rule->second.choice_for(statement->literals,
                                                                        statement->default_shape);
      judge(choice, Sample(*statement), figures);
    }
  }
  return figures;
}

}  // namespace hintd::learning
