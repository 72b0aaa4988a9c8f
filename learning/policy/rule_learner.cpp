#include "learning/policy/rule_learner.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "core/statistics.h"

namespace hintd::learning {
namespace {

using Pool = std::vector<const StatementEvidence*>;
using CasesBy = TemplateRule::CasesBy;

constexpr double kPatience = 2;

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

// Judges arms over a pool of statements by one standard of evidence.
class Judge {
 public:
  Judge(const RuleConfig& config, const Pool& all, Evidence evidence, std::size_t arms)
      : config_(config), evidence_(evidence), mean_log_ratio_(arms, 0.0) {
    double most_saved = 0;
    for (std::size_t arm = 1; arm < arms; ++arm) {
      mean_log_ratio_[arm] = mean(all, arm);
      const double saved_so_far = measured_savings(all, static_cast<ArmId>(arm));
      if (saved_so_far <= most_saved) continue;
      most_saved = saved_so_far;
      leading_ = static_cast<ArmId>(arm);
    }
  }

  // Milliseconds saved on the statement; nothing when it is not known well enough. A verified rule
  // takes gains from paired runs alone; a loss counts however it was seen.
  std::optional<double> saved(const StatementEvidence& statement, ArmId arm) const {
    if (const auto known = measured(statement, arm)) return known;
    // Hope is for one arm alone, the one that has saved most: with all of them there would be no
    // end of proposals.
    if (evidence_ == Evidence::kVerified || arm != leading_) return std::nullopt;
    return statement.default_ms() * (1 - std::exp(mean_log_ratio_[arm]));
  }

  // The same without hope.
  std::optional<double> measured(const StatementEvidence& statement, ArmId arm) const {
    const auto ratio = statement.ratio(arm);
    if (ratio && counts(statement, arm, *ratio)) return statement.default_ms() * (1 - *ratio);
    const double bound = statement.ratio_bound(arm);
    return bound > 1 ? std::optional(statement.default_ms() * (1 - bound)) : std::nullopt;
  }

  // The arm that saves most on the pool without a veto; the default where none qualifies.
  // `min_gain` is a part of the pool's default time.
  ArmId best_arm(const Pool& pool, int min_statements, double min_gain) const {
    ArmId best = kDefaultArm;
    double best_saved = 0;
    for (std::size_t arm = 1; arm < mean_log_ratio_.size(); ++arm) {
      const auto total = qualifies(pool, static_cast<ArmId>(arm), min_statements, min_gain);
      if (total && *total > best_saved) {
        best = static_cast<ArmId>(arm);
        best_saved = *total;
      }
    }
    return best;
  }

  bool counts(const StatementEvidence& statement, ArmId arm, double ratio) const {
    return evidence_ == Evidence::kProposed || ratio >= 1 || statement.runs_of(arm).paired();
  }

  bool is_regression(const StatementEvidence& statement, double saved_ms) const {
    return saved_ms < -config_.max_regression * statement.default_ms();
  }

 private:
  static double measured_savings(const Pool& all, ArmId arm) {
    double total = 0;
    for (const auto* statement : all)
      if (const auto ratio = statement->ratio(arm))
        total += statement->default_ms() * std::max(0.0, 1 - *ratio);
    return total;
  }

  double mean(const Pool& all, std::size_t arm) const {
    double sum = 0;
    int n = 0;
    for (const auto* statement : all) {
      if (const auto ratio = statement->ratio(static_cast<ArmId>(arm))) {
        sum += std::log(*ratio);
        ++n;
      } else if (const double bound = statement->ratio_bound(static_cast<ArmId>(arm)); bound > 0) {
        sum += std::log(bound) + 0.5;  // it was stopped there: somewhat worse than that
        ++n;
      }
    }
    return sum / (n + 0.5);  // shrunk towards "no change"
  }

  std::optional<double> qualifies(const Pool& pool, ArmId arm, int min_statements,
                                  double min_gain) const {
    double total = 0;
    double baseline = 0;
    int known = 0;
    for (const auto* statement : pool) {
      if (statement->runs_of(arm).unusable) return std::nullopt;
      const auto won = saved(*statement, arm);
      if (!won) continue;
      if (is_regression(*statement, *won)) return std::nullopt;
      ++known;
      total += *won;
      baseline += statement->default_ms();
    }
    if (known < min_statements || total < min_gain * baseline) return std::nullopt;
    return total;
  }

  const RuleConfig& config_;
  Evidence evidence_;
  std::vector<double> mean_log_ratio_;
  ArmId leading_ = kDefaultArm;
};

// Which literals of a template's statements have values that come again (a country, a status) and
// so may not be taken as drawn at random: what was measured for one value says little about
// another.
class Categories {
 public:
  explicit Categories(const PlanMemory::Statements& statements) {
    for (const auto& [id, statement] : statements) {
      values_.resize(std::max(values_.size(), statement.literals.size()));
      for (std::size_t i = 0; i < statement.literals.size(); ++i)
        ++values_[i][statement.literals[i]];
    }
  }

  // May a rule that was measured on the pool hold for values of the literal that it does not hold?
  // `seen_suffice`: it is enough to have measured every value that traffic has brought.
  bool supported(const Pool& pool, std::size_t literal, int min_values, bool seen_suffice) const {
    const auto& counts = values_[literal];
    const bool comes_again = std::any_of(counts.begin(), counts.end(),
                                         [](const auto& entry) { return entry.second > 1; });
    if (!comes_again || counts.size() == 1) return true;
    std::set<std::uint64_t> measured;
    for (const auto* statement : pool)
      if (literal < statement->literals.size()) measured.insert(statement->literals[literal]);
    return static_cast<int>(measured.size()) >= min_values ||
           (seen_suffice && measured.size() == counts.size());
  }

  // Of all literals but `except`.
  bool all_supported(const Pool& pool, int min_values,
                     std::optional<std::size_t> except = std::nullopt) const {
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (i != except && !supported(pool, i, min_values, except.has_value())) return false;
    return true;
  }

 private:
  std::vector<std::map<std::uint64_t, int>>
      values_;  // by literal: how many statements have a value
};

// The arm that saves most when the default has run for a while first. The patience is kPatience
// times the arm's slowest measured run: where the arm takes over in vain, that costs at most half
// as much again as the default took so far, and only where the default would have ended just then.
struct PatientArm {
  ArmId arm = kDefaultArm;
  double patience_ms = 0;
  double saved_ms = 0;
};

std::optional<PatientArm> patient_arm(const Judge& judge, const RuleConfig& config,
                                      const Pool& pool, ArmId arm) {
  double slowest_ms = 0;
  double baseline = 0;
  for (const auto* statement : pool) {
    if (statement->runs_of(arm).unusable) return std::nullopt;
    baseline += statement->default_ms();
    if (const auto saved = judge.measured(*statement, arm); saved && *saved > 0)
      slowest_ms = std::max(slowest_ms, statement->default_ms() - *saved);
  }
  PatientArm patient{arm, kPatience * slowest_ms, 0};
  int taken_over = 0;
  for (const auto* statement : pool) {
    if (slowest_ms <= 0 || statement->default_ms() <= patient.patience_ms) continue;
    const auto saved = judge.measured(*statement, arm);
    if (!saved) continue;
    const double net = *saved - patient.patience_ms;
    if (judge.is_regression(*statement, net)) return std::nullopt;
    patient.saved_ms += net;
    ++taken_over;
  }
  const int enough = std::max(1, config.min_statements / 2);
  if (taken_over < enough || patient.saved_ms < config.min_gain * baseline) return std::nullopt;
  return patient;
}

PatientArm best_patient_arm(const Judge& judge, const RuleConfig& config, const Pool& pool) {
  PatientArm best;
  if (static_cast<int>(pool.size()) < config.min_statements) return best;
  for (std::size_t arm = 1; arm < pool.front()->group_of_arm.size(); ++arm)
    if (const auto patient = patient_arm(judge, config, pool, static_cast<ArmId>(arm));
        patient && patient->saved_ms > best.saved_ms)
      best = *patient;
  return best;
}

// What measurements allow for values that they do not hold.
ArmId arm_for_the_rest(const Judge& judge, const RuleConfig& config, const Categories& categories,
                       const Pool& pool) {
  if (pool.empty() || !categories.all_supported(pool, config.min_values)) return kDefaultArm;
  // A template without literals is one statement, whatever one waits for.
  const int enough = pool.front()->literals.empty() ? 1 : config.min_statements;
  return judge.best_arm(pool, enough, config.min_gain);
}

TemplateRule fit(const Judge& judge, const RuleConfig& config, const Categories& categories,
                 const Pool& pool, Kind kind) {
  TemplateRule rule;
  rule.cases_by = kind.by;
  rule.literal = kind.literal;
  if (kind.by == CasesBy::kNothing) {
    rule.arm = arm_for_the_rest(judge, config, categories, pool);
  } else {
    std::map<std::uint64_t, Pool> cases;
    for (const auto* statement : pool) cases[kind.key(*statement)].push_back(statement);
    Pool single;
    for (const auto& [key, members] : cases) {
      const bool alone = members.size() < 2;
      if (alone) single.push_back(members.front());
      rule.cases.emplace_back(key,
                              alone ? judge.best_arm(members, 1, 1 - config.single_statement_ratio)
                                    : judge.best_arm(members, 2, config.min_gain));
    }
    // Values too rare to be judged alone stand for all values yet unseen.
    rule.arm = arm_for_the_rest(judge, config, categories, single);
    std::erase_if(rule.cases, [&](const auto& entry) { return entry.second == rule.arm; });
  }
  if (rule.arm != kDefaultArm) {
    rule.reason = DecisionReason::kVerified;
  } else if (const auto patient = best_patient_arm(judge, config, pool);
             patient.arm != kDefaultArm) {
    rule.arm = patient.arm;
    rule.patience = Millis(patient.patience_ms);
    rule.reason = DecisionReason::kPatient;
  }
  return rule;
}

// Milliseconds that the rule saves on a statement; 0 where that is not known.
double saved_by(const TemplateRule& rule, Kind kind, const Judge& judge,
                const StatementEvidence& statement) {
  if (kind.by != CasesBy::kNothing) {
    const auto key = kind.key(statement);
    const auto it = std::find_if(rule.cases.begin(), rule.cases.end(),
                                 [&](const auto& entry) { return entry.first == key; });
    if (it != rule.cases.end())
      return it->second == kDefaultArm ? 0 : judge.saved(statement, it->second).value_or(0);
  }
  if (rule.arm == kDefaultArm || statement.default_ms() <= rule.patience.count()) return 0;
  const auto saved = judge.saved(statement, rule.arm);
  return saved ? *saved - rule.patience.count() : 0;
}

// What a kind of rule saves on statements it was not learned from; each regression is charged five
// times, because a user forgives a missed gain more easily.
double leave_one_out(const Judge& judge, RuleConfig config, const Categories& categories,
                     const Pool& pool, Kind kind) {
  config.min_statements = std::max(1, config.min_statements - 1);  // one is left out, after all
  double total = 0;
  for (std::size_t left = 0; left < pool.size(); ++left) {
    Pool rest = pool;
    if (pool.size() > 1) rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left));
    const auto rule = fit(judge, config, categories, rest, kind);
    const double saved = saved_by(rule, kind, judge, *pool[left]);
    total += judge.is_regression(*pool[left], saved) ? 5 * saved : saved;
  }
  return total;
}

std::vector<Kind> kinds_for(const Pool& pool, const RuleConfig& config,
                            const Categories& categories) {
  std::vector<Kind> kinds = {{}};
  // A rule that looks at one literal holds whatever the others are: they must have varied, though
  // less than for a rule that looks at none.
  const int beside = (config.min_values + 1) / 2;
  for (std::size_t i = 0; i < pool.front()->literals.size(); ++i)
    if (categories.all_supported(pool, beside, i))
      kinds.push_back({CasesBy::kLiteral, static_cast<std::uint16_t>(i)});
  const bool slow = std::all_of(pool.begin(), pool.end(), [&](const auto* statement) {
    return statement->default_ms() >= config.min_plan_latency_ms;
  });
  if (slow && categories.all_supported(pool, beside)) kinds.push_back({CasesBy::kPlan, 0});
  return kinds;
}

}  // namespace

TemplateRule RuleLearner::learn(const PlanMemory::Statements& statements, Evidence evidence) const {
  Pool pool;
  std::vector<double> defaults;
  for (const auto& [id, statement] : statements) {
    if (statement.default_ms() <= 0) continue;
    pool.push_back(&statement);
    defaults.push_back(statement.default_ms());
  }
  TemplateRule nothing;
  nothing.reason = DecisionReason::kUnknownTemplate;
  if (pool.empty()) return nothing;
  nothing.default_latency = Millis(median(defaults));
  nothing.reason = DecisionReason::kNoWinner;
  if (*std::max_element(defaults.begin(), defaults.end()) < config_.min_latency_ms) {
    nothing.reason = DecisionReason::kTooFast;
    return nothing;
  }

  auto config = config_;
  // What is worth verifying need not be proved: the proof brings what is missing.
  if (evidence == Evidence::kProposed) {
    config.min_statements = std::min(config.min_statements, static_cast<int>(pool.size()));
    config.min_values = 1;
  }
  const Judge judge(config, pool, evidence, pool.front()->group_of_arm.size());
  const Categories categories(statements);
  double total_default = 0;
  for (const double ms : defaults) total_default += ms;
  std::optional<Kind> best;
  double best_saved = 0;
  for (const auto kind : kinds_for(pool, config, categories)) {
    // A more complex kind must save 2 % of the default's time more than a simpler one.
    const double saved = leave_one_out(judge, config, categories, pool, kind);
    if (saved > best_saved + (best ? 0.02 * total_default : 0)) {
      best = kind;
      best_saved = saved;
    }
  }
  if (!best || best_saved < config.min_gain * total_default) return nothing;
  auto rule = fit(judge, config, categories, pool, *best);
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
