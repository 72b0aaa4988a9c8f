#include "learning/policy/rule_learner.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/statistics.h"
#include "learning/policy/categories.h"
#include "learning/policy/latency_model.h"

namespace hintd::learning {
namespace {

using CasesBy = TemplateRule::CasesBy;

// Patience is looked for from here, for faster statements are not worth a second connection's
// trouble, to the slowest default known, each so many times the one before.
constexpr double kLeastPatienceMs = 1;
constexpr double kPatienceStep = 1.4;
// A regression weighs so many times its time: a user forgives a missed gain more easily.
constexpr double kRegressionWeight = 10;
// Chance that a statement becomes slower where the default is ended for the arm: seldom, but then
// several times (docs/benchmarks.md).
constexpr double kTakeOverRisk = 0.05;
// Share of a template's statements that an arm which joins in may make slower, and by how much
// before it counts: fast ones, by what joining costs.
constexpr double kHedgeRisk = 0.05;
constexpr double kHedgeRegression = 0.1;
// An arm's slope (latency_model.h) before it is known.
constexpr double kSlope = 0.5;
// Part of the best hedge's cost that an arm must save to take the default's place: for the
// insurance.
constexpr double kInsurance = 0.15;
// Forecasts that differ by less, in log latency, share a choice.
constexpr double kForecastStep = 0.35;
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

// Makes rules for pools of one template's statements.
class Fitter {
 public:
  // `pool` holds all the template's statements.
  Fitter(const RuleConfig& config, const Pool& pool, const LatencyForecast& forecast,
         Unmeasured unmeasured)
      : config_(config), forecast_(forecast), unmeasured_(unmeasured) {
    for (std::size_t arm = 0; arm < arms(pool); ++arm) {
      slow_downs_.push_back(slow_downs_of(pool, static_cast<ArmId>(arm)));
      measured_slow_downs_.push_back(measured_slow_down(pool, static_cast<ArmId>(arm)));
    }
  }

  TemplateRule fit(const Pool& pool, Kind kind) const {
    if (kind.by == CasesBy::kForecast) return fit_by_forecast(pool);
    TemplateRule rule;
    rule.cases_by = kind.by;
    rule.literal = kind.literal;
    rule.rest = best_choice(pool, {});
    if (kind.by == CasesBy::kNothing) return rule;
    std::map<std::uint64_t, Pool> cases;
    for (const auto* sample : pool)
      if (kind.by != CasesBy::kPlan || !sample->arms.empty())
        cases[kind.key(*sample->statement)].push_back(sample);
    for (const auto& [key, members] : cases) {
      const auto choice = best_choice(members, {});
      // A single statement may speak for a hedged arm, but not for leaving its value alone, nor may
      // statements that did not meet the others' arm.
      if (choice.arm == kDefaultArm && tried_under(members, rule.rest.arm) < 2) continue;
      if (expected(members, choice) < (1 - config_.min_gain / 2) * expected(members, rule.rest))
        rule.cases.emplace_back(key, choice);
    }
    return rule;
  }

  // What the rule of this kind for the pool would choose for a statement that is not of it.
  RunChoice choice_for(const Pool& pool, Kind kind, const Sample& sample) const {
    if (kind.by == CasesBy::kForecast) return best_choice(pool, sample.by_others);
    return fit(pool, kind).choice_for(sample.statement->literals, sample.statement->default_shape);
  }

  // What the choice saves on a statement, weighted as costs are; 0 where that is not known.
  double saved(const RunChoice& choice, const Sample& sample) const {
    if (choice.arm == kDefaultArm || sample.usual_ms <= choice.patience.count()) return 0;
    if (sample.arms.empty() || sample.arms[choice.arm].ms <= 0) return 0;
    const auto& arm = sample.arms[choice.arm];
    return cost_of_default(sample.usual_ms) - cost(choice, sample.usual_ms, arm.ms);
  }

  double cost_of_default(double default_ms) const {
    return weighted({default_ms, default_ms}, default_ms);
  }

 private:
  // From one forecast latency to the next the choice may be another.
  TemplateRule fit_by_forecast(const Pool& pool) const {
    const auto [lowest, highest] =
        std::minmax_element(pool.begin(), pool.end(),
                            [](const auto* a, const auto* b) { return a->by_all < b->by_all; });
    const double from = std::floor((*lowest)->by_all / kForecastStep);
    const double to = std::floor((*highest)->by_all / kForecastStep);
    TemplateRule rule;
    rule.cases_by = CasesBy::kForecast;
    rule.forecast = forecast_;
    for (double step = from; step <= to; ++step) {
      const auto choice = best_choice(pool, (step + 0.5) * kForecastStep);
      const auto from_us = 1000 * std::exp(step * kForecastStep);
      if (rule.cases.empty() || !(rule.cases.back().second == choice))
        rule.cases.emplace_back(static_cast<std::uint64_t>(from_us), choice);
    }
    const RunChoice* usual = rule.case_for({}, 0);
    rule.rest = *usual;
    if (rule.cases.size() == 1) rule = plain(rule.rest);
    return rule;
  }

  static TemplateRule plain(const RunChoice& choice) {
    TemplateRule rule;
    rule.rest = choice;
    return rule;
  }

  // Those that a choice for this forecast serves.
  static Pool served(const Pool& pool, Forecast forecast) {
    if (!forecast) return pool;
    Pool result;
    for (const auto* sample : pool)
      if (std::abs(sample->by_all - *forecast) <= kForecastStep / 2) result.push_back(sample);
    return result;
  }

  SlowDowns slow_downs_of(const Pool& pool, ArmId arm) const {
    const auto measured = measured_slow_downs(pool, arm);
    const bool parallel = std::any_of(pool.begin(), pool.end(), [&](const auto* sample) {
      return !sample->arms.empty() && sample->arms[arm].parallel;
    });
    if (measured.empty() && !parallel && unmeasured_ == Unmeasured::kHopeful) return {{1, 1}};
    return slow_downs(parallel, measured);
  }

  double cost(const RunChoice& choice, double default_ms, double arm_ms) const {
    if (choice.arm == kDefaultArm) return cost_of_default(default_ms);
    double cost = 0;
    for (const auto& [weight, factor] : slow_downs_[choice.arm])
      cost += weight * weighted(cost_of(choice, default_ms, arm_ms, factor), default_ms);
    return cost;
  }

  double weighted(const RunCost& spent, double default_ms) const {
    const double lost = spent.user_ms - default_ms;
    const double regression =
        lost > config_.max_regression * default_ms ? (kRegressionWeight - 1) * lost : 0;
    return spent.user_ms + config_.server_time_weight * spent.server_ms + regression;
  }

  // Of one more statement like the pool's.
  double expected(const Pool& pool, const RunChoice& choice, Forecast forecast = {}) const {
    const auto arm = choice.arm == kDefaultArm ? ArmLatency{} : model(pool, choice.arm);
    return expected(typical(pool, forecast, choice.arm, arm), choice);
  }

  double expected(const std::vector<Typical>& statements, const RunChoice& choice) const {
    double sum = 0;
    for (const auto& one : statements) sum += one.weight * cost(choice, one.default_ms, one.arm_ms);
    return sum;
  }

  // Expected to be slower than the default, beside each other as is usual.
  double slower_share(const std::vector<Typical>& statements, const RunChoice& choice) const {
    const double beside = mean_slow_down(slow_downs_[choice.arm]);
    double share = 0;
    for (const auto& one : statements) {
      const auto spent = cost_of(choice, one.default_ms, one.arm_ms, beside);
      if (spent.user_ms > (1 + kHedgeRegression) * one.default_ms) share += one.weight;
    }
    return share;
  }

  // Of many arms the luckiest looks best after one run each: one that ran once serves only where
  // none that ran more often is worth it.
  RunChoice best_choice(const Pool& pool, Forecast forecast) const {
    auto best = best_choice(pool, forecast, unmeasured_ == Unmeasured::kHopeful ? 1 : 2);
    if (best.arm == kDefaultArm) best = best_choice(pool, forecast, 1);
    if (best.arm != kDefaultArm)
      best.switch_after = best.takes_over ? best.patience : switch_after(pool, forecast, best.arm);
    return best;
  }

  // Of the arms that were run on so many statements.
  RunChoice best_choice(const Pool& pool, Forecast forecast, std::ptrdiff_t fewest) const {
    RunChoice best;
    const auto patient = patiences(model_default(pool, forecast));
    const auto meets = served(pool, forecast);
    double least = (1 - config_.min_gain) * expected(pool, best, forecast);
    for (const bool takes_over : {false, true}) {
      if (takes_over) least *= 1 - kInsurance;
      for (std::size_t i = 1; i < arms(pool); ++i) {
        const auto id = static_cast<ArmId>(i);
        const auto measured = measured_under(pool, id);
        if (!is_faster_somewhere(pool, id) || measured < fewest) continue;
        const auto arm = model(pool, id);
        if (takes_over && !arm.parallel) continue;
        const auto statements = typical(pool, forecast, id, arm);
        for (const auto patience : patient) {
          if (takes_over && !may_take_over(measured, statements, arm, patience)) continue;
          const RunChoice choice{id, patience, {}, takes_over};
          const double cost = expected(statements, choice);
          if (cost >= least) continue;
          if (!takes_over && slower_share(statements, choice) > kHedgeRisk) continue;
          if (measured_risk(choice, meets, measured_slow_downs_[i]) > config_.max_risk) continue;
          least = cost;
          best = choice;
        }
      }
    }
    return best;
  }

  ArmLatency model(const Pool& pool, ArmId id) const {
    if (unmeasured_ == Unmeasured::kCautious) return model_arm(pool, id, kSlope);
    auto arm = model_arm(pool, id, 1);
    arm.log_from = ArmLatency().log_from;
    arm.log_to = ArmLatency().log_to;
    return arm;
  }

  static std::vector<Millis> patiences(const DefaultModel& usual) {
    const double slowest = *std::max_element(usual.log_ms.begin(), usual.log_ms.end());
    std::vector<Millis> result;
    for (double ms = kLeastPatienceMs; ms < std::exp(slowest); ms *= kPatienceStep)
      result.emplace_back(ms);
    return result;
  }

  static std::ptrdiff_t measured_under(const Pool& pool, ArmId id) {
    return std::count_if(pool.begin(), pool.end(), [&](const auto* sample) {
      return !sample->arms.empty() && sample->arms[id].measured;
    });
  }

  static std::ptrdiff_t tried_under(const Pool& pool, ArmId id) {
    return std::count_if(pool.begin(), pool.end(), [&](const auto* sample) {
      return !sample->arms.empty() && (sample->arms[id].same_plan || sample->arms[id].ms > 0);
    });
  }

  // Here nothing bounds what a wrong arm costs but the evidence.
  bool may_take_over(std::ptrdiff_t measured, const std::vector<Typical>& statements,
                     const ArmLatency& arm, Millis after) const {
    if (measured < config_.min_statements && unmeasured_ != Unmeasured::kHopeful) return false;
    return chance_of_ratio(statements, arm, after.count(), 1 + config_.max_regression) <=
           kTakeOverRisk;
  }

  Millis switch_after(const Pool& pool, Forecast forecast, ArmId id) const {
    const auto arm = model(pool, id);
    const auto measured = measured_under(pool, id);
    const auto statements = typical(pool, forecast, id, arm);
    Millis best{0};
    double least = (1 - config_.min_gain) * expected(statements, {});
    for (const auto after : patiences(model_default(pool, forecast))) {
      if (!may_take_over(measured, statements, arm, after)) continue;
      const double cost = expected(statements, {id, after, {}, true});
      if (cost >= least) continue;
      least = cost;
      best = after;
    }
    return best;
  }

  static std::size_t arms(const Pool& pool) {
    for (const auto* sample : pool)
      if (!sample->arms.empty()) return sample->arms.size();
    return 0;
  }

  const RuleConfig& config_;
  const LatencyForecast& forecast_;
  Unmeasured unmeasured_;
  // By arm.
  std::vector<SlowDowns> slow_downs_;
  std::vector<double> measured_slow_downs_;
};

// A template's statements whose default latency is known.
struct Samples {
  explicit Samples(const PlanMemory::Statements& statements,
                   const TemplateForecast& forecast = {}) {
    for (const auto& [id, statement] : statements) {
      if (statement.usual_ms() <= 0) continue;
      auto& sample = samples.emplace_back(statement);
      const auto known = forecast.by_others.find(id);
      if (known == forecast.by_others.end()) continue;
      sample.by_others = known->second;
      sample.by_all = forecast.by_all.log_ms_of(statement.literals);
    }
    for (const auto& sample : samples) pool.push_back(&sample);
  }
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;

  std::vector<Sample> samples;
  Pool pool;
};

double leave_one_out(const Fitter& fitter, const Pool& pool, Kind kind) {
  double total = 0;
  for (std::size_t left = 0; left < pool.size(); ++left) {
    if (pool[left]->arms.empty()) continue;
    Pool rest = pool;
    if (pool.size() > 1) rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left));
    total += fitter.saved(fitter.choice_for(rest, kind, *pool[left]), *pool[left]);
  }
  return total;
}

// The first is the usual one.
std::vector<Kind> kinds_for(const Pool& pool, const RuleConfig& config,
                            const Categories& categories, const TemplateForecast& forecast) {
  std::vector<Kind> kinds = {{forecast.by_others.empty() ? CasesBy::kNothing : CasesBy::kForecast}};
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

TemplateRule RuleLearner::learn(const PlanMemory::Statements& statements, Unmeasured unmeasured,
                                const TemplateForecast& forecast) const {
  const Samples known(statements, forecast);
  const auto& pool = known.pool;
  std::vector<double> defaults;
  for (const auto* sample : pool) defaults.push_back(sample->usual_ms);
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
  const Fitter fitter(config_, pool, forecast.by_all, unmeasured);
  double total_default = 0;
  for (const double ms : defaults) total_default += fitter.cost_of_default(ms);
  const auto kinds = kinds_for(pool, config_, categories, forecast);
  std::optional<Kind> best;
  double best_saved = 0;
  for (const auto kind : kinds) {
    const double saved = leave_one_out(fitter, pool, kind);
    if (saved > best_saved + (best ? kComplexity * total_default : 0)) {
      best = kind;
      best_saved = saved;
    }
  }
  auto rule = fitter.fit(pool, best.value_or(kinds.front()));
  rule.reason = nothing.reason;
  rule.default_latency = nothing.default_latency;
  return rule;
}

double RuleLearner::saved(const TemplateRule& rule,
                          const PlanMemory::Statements& statements) const {
  const Samples known(statements);
  if (known.pool.empty()) return 0;
  const Fitter fitter(config_, known.pool, rule.forecast, Unmeasured::kCautious);
  double all = 0;
  double saved = 0;
  for (const auto* sample : known.pool) {
    all += fitter.cost_of_default(sample->usual_ms);
    saved += fitter.saved(
        rule.choice_for(sample->statement->literals, sample->statement->default_shape), *sample);
  }
  return saved / all;
}

TemplateRules RuleLearner::learn_all(const PlanMemory& memory) const {
  TemplateRules rules;
  const auto forecasts = forecast_latencies(memory);
  for (const auto& [fingerprint, statements] : memory.templates()) {
    const auto forecast = forecasts.find(fingerprint);
    if (forecast == forecasts.end()) continue;
    auto rule = learn(statements, Unmeasured::kCautious, forecast->second);
    if (rule.reason != DecisionReason::kUnknownTemplate)
      rules.emplace(fingerprint, std::move(rule));
  }
  return rules;
}

}  // namespace hintd::learning
