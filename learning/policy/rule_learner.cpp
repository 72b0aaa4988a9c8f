#include "learning/policy/rule_learner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/statistics.h"
#include "learning/policy/categories.h"

namespace hintd::learning {
namespace {

using CasesBy = TemplateRule::CasesBy;

// Patience is looked for among these parts of the arm's median latency.
constexpr double kPatienceParts[] = {0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 4};
constexpr double kLeastPatienceMs = 1;
// A regression of a statement that was left out weighs so many times its time: a user forgives a
// missed gain more easily.
constexpr double kRegressionWeight = 5;
// Part of the default's time that a more complex kind must save beyond a simpler one.
constexpr double kComplexity = 0.02;

// A kind of rule to try: nothing to split by, a literal's position, or the plan.
struct Kind {
  CasesBy by = CasesBy::kNothing;
  std::uint16_t literal = 0;

  std::uint64_t key(const StatementEvidence& statement) const {
    if (by == CasesBy::kPlan) return statement.default_shape;
    // Texts of one template may differ in the length of an IN list.
    return literal < statement.literals.size() ? statement.literals[literal] : 0;
  }
};

// Upper end of the 95 % prediction interval for one more value (normal, unknown variance).
double prediction_bound(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  // Student's t at 0.95 by Cornish and Fisher's expansion.
  const double z = 1.645;
  const double df = n - 1;
  const double t = z + (z * z * z + z) / (4 * df) +
                   (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * df * df);
  return mean + t * std::sqrt(squares / df * (1 + 1 / n));
}

// Makes rules for pools of one template's statements, by one standard of evidence.
class Fitter {
 public:
  Fitter(const RuleConfig& config, const Categories& categories, Evidence evidence)
      : config_(config), categories_(categories), evidence_(evidence) {}

  TemplateRule fit(const Pool& pool, Kind kind) const {
    TemplateRule rule;
    rule.cases_by = kind.by;
    rule.literal = kind.literal;
    rule.rest = best_choice(pool, std::nullopt);
    if (kind.by == CasesBy::kNothing) return rule;
    const auto except =
        kind.by == CasesBy::kLiteral ? std::optional<std::size_t>(kind.literal) : std::nullopt;
    // What the rest would cost a case is judged by the whole pool: a value on which its arm was
    // never run is no reason to leave that value alone.
    const auto rest_costs = costs(pool, rule.rest);
    std::map<std::uint64_t, Pool> cases;
    std::map<std::uint64_t, double> rest_cost;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if (kind.by == CasesBy::kPlan && pool[i]->arms.empty()) continue;
      const auto key = kind.key(*pool[i]->statement);
      cases[key].push_back(pool[i]);
      rest_cost[key] += rest_costs[i];
    }
    for (const auto& [key, members] : cases) {
      const auto choice = best_choice(members, except);
      // A single statement may speak for a hedged arm, but not for leaving its value alone.
      if (choice.arm == kDefaultArm && members.size() < 2) continue;
      if (total(costs(members, choice)) < (1 - config_.min_gain / 2) * rest_cost[key])
        rule.cases.emplace_back(key, choice);
    }
    return rule;
  }

  // What the rule saves on a statement, weighted as costs are; 0 where that is not known.
  double saved(const TemplateRule& rule, const Sample& sample) const {
    const auto& choice =
        rule.choice_for(sample.statement->literals, sample.statement->default_shape);
    if (choice.arm == kDefaultArm || sample.usual_ms <= choice.patience.count()) return 0;
    if (sample.arms.empty() || sample.arms[choice.arm].ms <= 0) return 0;
    const auto& arm = sample.arms[choice.arm];
    const auto spent = cost_of(choice, sample.usual_ms, arm.ms, arm.parallel);
    const double won = weighted({sample.usual_ms, sample.usual_ms}) - weighted(spent);
    return !choice.hedged() && regresses(arm.ms, sample.usual_ms) ? kRegressionWeight * won : won;
  }

  double weighted(const RunCost& cost) const {
    return cost.user_ms + config_.server_time_weight * cost.server_ms;
  }

 private:
  bool regresses(double ms, double default_ms) const {
    return ms > (1 + config_.max_regression) * default_ms;
  }

  static double total(const std::vector<double>& costs) {
    return std::accumulate(costs.begin(), costs.end(), 0.0);
  }

  // By statement of the pool, weighted.
  std::vector<double> costs(const Pool& pool, const RunChoice& choice,
                            const ArmForecast& arm) const {
    std::vector<double> result;
    for (std::size_t i = 0; i < pool.size(); ++i)
      result.push_back(weighted(cost_of(choice, pool[i]->usual_ms, arm.ms[i], arm.parallel)));
    return result;
  }

  std::vector<double> costs(const Pool& pool, const RunChoice& choice) const {
    return costs(pool, choice, forecast(pool, choice.arm));
  }

  RunChoice best_choice(const Pool& pool, std::optional<std::size_t> except) const {
    RunChoice best;
    double least = (1 - config_.min_gain) * total(costs(pool, best));
    for (std::size_t i = 1; i < arms(pool); ++i) {
      const auto id = static_cast<ArmId>(i);
      if (!is_faster_somewhere(pool, id, evidence_)) continue;
      const auto arm = forecast(pool, id);
      const auto consider = [&](const RunChoice& choice) {
        const double cost = total(costs(pool, choice, arm));
        if (cost >= least) return;
        least = cost;
        best = choice;
      };
      if (may_run_alone(pool, id, arm, except)) consider({id, Millis(0)});
      for (const double part : kPatienceParts)
        consider({id, Millis(std::max(kLeastPatienceMs, part * arm.median_ms))});
    }
    return best;
  }

  // Would an arm that runs alone regress a statement that is yet to come? Its log ratio must stay
  // below the line even at the far end of the prediction interval that the pool allows.
  bool may_run_alone(const Pool& pool, ArmId id, const ArmForecast& arm,
                     std::optional<std::size_t> except) const {
    Pool proved;
    std::vector<double> log_ratios;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if (evidence_ == Evidence::kProposed || is_proved(*pool[i], id)) proved.push_back(pool[i]);
      log_ratios.push_back(std::log(arm.ms[i] / pool[i]->usual_ms));
    }
    // A template without literals is one statement, whatever one waits for.
    if (pool.front()->statement->literals.empty()) return !proved.empty();
    if (static_cast<int>(proved.size()) < config_.min_statements ||
        prediction_bound(log_ratios) > std::log(1 + config_.max_regression))
      return false;
    // A case holds whatever the other literals are: they must have varied, though less than for a
    // rule that looks at none.
    const int values = except ? (config_.min_values + 1) / 2 : config_.min_values;
    return categories_.supported(proved, values, except);
  }

  static bool is_proved(const Sample& sample, ArmId arm) {
    return !sample.arms.empty() && (sample.arms[arm].same_plan || sample.arms[arm].paired);
  }

  static std::size_t arms(const Pool& pool) {
    for (const auto* sample : pool)
      if (!sample->arms.empty()) return sample->arms.size();
    return 0;
  }

  const RuleConfig& config_;
  const Categories& categories_;
  Evidence evidence_;
};

double leave_one_out(const Fitter& fitter, const Pool& pool, Kind kind) {
  double total = 0;
  for (std::size_t left = 0; left < pool.size(); ++left) {
    Pool rest = pool;
    if (pool.size() > 1) rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left));
    total += fitter.saved(fitter.fit(rest, kind), *pool[left]);
  }
  return total;
}

std::vector<Kind> kinds_for(const Pool& pool, const RuleConfig& config,
                            const Categories& categories) {
  std::vector<Kind> kinds = {{}};
  for (std::size_t i = 0; i < categories.literals(); ++i)
    if (categories.categorical(i))
      kinds.push_back({CasesBy::kLiteral, static_cast<std::uint16_t>(i)});
  const bool slow = std::all_of(pool.begin(), pool.end(), [&](const auto* sample) {
    return sample->usual_ms >= config.min_plan_latency_ms;
  });
  if (slow) kinds.push_back({CasesBy::kPlan, 0});
  return kinds;
}

}  // namespace

TemplateRule RuleLearner::learn(const PlanMemory::Statements& statements, Evidence evidence) const {
  std::vector<Sample> samples;
  std::vector<double> defaults;
  for (const auto& [id, statement] : statements) {
    if (statement.usual_ms() <= 0) continue;
    samples.emplace_back(statement);
    defaults.push_back(statement.usual_ms());
  }
  Pool pool;
  for (const auto& sample : samples) pool.push_back(&sample);
  TemplateRule nothing;
  nothing.reason = DecisionReason::kUnknownTemplate;
  if (pool.empty()) return nothing;
  nothing.default_latency = Millis(median(defaults));
  nothing.reason = DecisionReason::kNoWinner;
  if (*std::max_element(defaults.begin(), defaults.end()) < config_.min_latency_ms) {
    nothing.reason = DecisionReason::kTooFast;
    return nothing;
  }

  const Categories categories(statements);
  const Fitter fitter(config_, categories, evidence);
  double total_default = 0;
  for (const double ms : defaults) total_default += fitter.weighted({ms, ms});
  std::optional<Kind> best;
  double best_saved = 0;
  double simplest = 0;  // what the kind without cases saves
  for (const auto kind : kinds_for(pool, config_, categories)) {
    const double saved = leave_one_out(fitter, pool, kind);
    if (kind.by == CasesBy::kNothing) simplest = saved;
    if (saved > best_saved + (best ? kComplexity * total_default : 0)) {
      best = kind;
      best_saved = saved;
    }
  }
  auto rule = fitter.fit(pool, best.value_or(Kind{}));
  // One slow statement suffices to hedge an arm that lost nothing on the others: where it is wrong
  // the server works in vain, and nobody waits for it.
  if (!best && !(rule.rest.hedged() && simplest > -kComplexity * total_default)) return nothing;
  rule.reason = nothing.reason;
  rule.default_latency = nothing.default_latency;
  return rule;
}

TemplateRules RuleLearner::learn_all(const PlanMemory& memory) const {
  TemplateRules rules;
  for (const auto& [fingerprint, statements] : memory.templates()) {
    auto rule = learn(statements, Evidence::kVerified);
    if (rule.reason != DecisionReason::kUnknownTemplate)
      rules.emplace(fingerprint, std::move(rule));
  }
  return rules;
}

}  // namespace hintd::learning
