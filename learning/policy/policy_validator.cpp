#include "learning/policy/policy_validator.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "core/query_template.h"
#include "core/statistics.h"
#include "learning/policy/provable_part.h"

namespace hintd::learning {
namespace {

constexpr double kPinnedRatio = 1.1;
constexpr int kPinnedPairs = 3;
constexpr std::size_t kFewestTemplatePairs = 3;
// Where those save too little: an arm that wins on one heavy statement in three is missed by three
// pairs at three times in ten.
constexpr int kMostTemplatePairs = 6;
constexpr double kNoSlower = 1.05;  // of a median of three: noise
// Saving of a template: less is lost in a pair's noise, and makes the proof of all long.
constexpr double kWorthwhile = 0.05;
constexpr std::size_t kEnoughOfOneTemplate = 6;  // pairs that decide, to say that it saves less
constexpr double kTemplatesShare = 0.6;  // of the budget: the rest is for the pairs that decide

std::string percent(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * part);
  return text;
}

bool holds(const std::vector<std::uint64_t>& templates, std::uint64_t fingerprint) {
  return std::find(templates.begin(), templates.end(), fingerprint) != templates.end();
}

template <class Statements>
std::vector<double> weights_of(const Statements& statements) {
  std::vector<double> weights;
  for (const auto& one : statements) weights.push_back(one.weight);
  return weights;
}

// What the decision comes to for a statement of this default latency (0: not known).
Decision in_effect(const Decision& decision, double default_ms) {
  const bool ends_before = default_ms > 0 && default_ms <= decision.patience.count();
  return ends_before ? Decision{} : decision;
}

// What the pairs that decide will see and take, by those that tried the template alone.
TriedTemplate as_tried(std::uint64_t fingerprint, double weight, std::span<const PairResult> pairs,
                       const PairedRuns& runs) {
  TriedTemplate tried{fingerprint, weight, {}, Millis(0)};
  for (const auto& whole : pairs) {
    const auto pair = runs.as_stopped(whole);
    tried.saving.push_back(saving_of(pair));
    tried.took += Millis(pair.default_ms + pair.candidate_ms);
    if (whole.deployed_ms != whole.default_ms) tried.took += Millis(pair.deployed_ms);
  }
  return tried;
}

}  // namespace

PolicyValidator::PolicyValidator(Level1Config config, ValidationParts parts, Rng rng)
    : config_(config),
      parts_(parts),
      runs_(config.min_improvement, parts_.memory, parts_.sandbox),
      rng_(rng) {}

Result<ValidationReport> PolicyValidator::validate(const Policy& candidate,
                                                   const Policy& deployed) {
  watch_ = Stopwatch();
  ValidationReport report;
  const auto finish = [&]() -> Result<ValidationReport> {
    report.spent_s = watch_.elapsed().count() / 1000;
    return std::move(report);
  };
  if (!off_policy(candidate, report)) return finish();
  HINTD_TRY_STATUS(pins(candidate, report));
  HINTD_TRY(auto different, changed(candidate, deployed));
  HINTD_TRY(different, templates(std::move(different), report));
  if (!report.why.empty()) return finish();
  HINTD_TRY_STATUS(pairs(different, report));
  return finish();
}

Result<ValidationReport> PolicyValidator::resume(ValidationReport begun, const Policy& candidate,
                                                 const Policy& deployed) {
  watch_ = Stopwatch();
  begun.regressed.clear();
  begun.why.clear();
  begun.undecided = false;
  HINTD_TRY(auto different, changed(candidate, deployed));
  std::erase_if(different, [&](const ChangedStatement& one) {
    const auto fingerprint = one.statement->parsed.query_template->fingerprint;
    if (holds(begun.withdrawn, fingerprint) || holds(begun.too_little, fingerprint)) return true;
    return one.candidate.arm != kDefaultArm && !holds(begun.tried, fingerprint);
  });
  HINTD_TRY_STATUS(pairs(std::move(different), begun));
  begun.spent_s = watch_.elapsed().count() / 1000;
  return begun;
}

bool PolicyValidator::off_policy(const Policy& candidate, ValidationReport& report) const {
  report.stage = "off_policy";
  report.off_policy =
      estimate_off_policy(off_policy_samples(parts_.held_out, parts_.memory, candidate));
  if (!report.off_policy.claimed || report.off_policy.upper >= 0) return true;
  report.why = "held-out telemetry says that it loses " + percent(-report.off_policy.saved) +
               " of the default's time, " + percent(-report.off_policy.upper) + " at least";
  return false;
}

Result<Decision> PolicyValidator::decide(const Policy& policy, const SampledStatement& statement) {
  DecisionRequest request{statement.parsed.query_template->fingerprint, statement.parsed.literals,
                          nullptr};
  auto decision = policy.choose(request);
  if (decision.reason != DecisionReason::kNeedsPlan) return decision;
  HINTD_TRY(const auto planned, parts_.sandbox.plan(statement));
  request.planned = &planned;
  return policy.choose(request);
}

// A pinned statement that gets another arm than the one that hurt it is as safe as the rules are;
// one that would get that arm again must show that it no longer hurts, or its template is
// withdrawn.
Status PolicyValidator::pins(const Policy& candidate, ValidationReport& report) {
  for (const auto& pin : parts_.pins) {
    const auto known = parts_.sample.templates().find(pin.fingerprint);
    if (known == parts_.sample.templates().end() || holds(report.withdrawn, pin.fingerprint))
      continue;
    for (const auto& statement : known->second.statements) {
      if (PlanMemory::id_of(pin.fingerprint, statement.parsed.literals) != pin.statement) continue;
      HINTD_TRY(const auto chosen, decide(candidate, statement));
      const auto decision = in_effect(chosen, statement.default_ms);
      ++report.pins_checked;
      if (decision.arm != parts_.catalogue.find(pin.arm).value_or(kDefaultArm) ||
          decision.arm == kDefaultArm)
        continue;
      std::vector<double> ratios;
      for (int i = 0; i < kPinnedPairs; ++i) {
        HINTD_TRY(const auto result,
                  runs_.run({&statement, decision, Decision{}, 1}, i, PairedRuns::Default::kWhole));
        if (result) ratios.push_back(result->candidate_ms / result->default_ms);
      }
      if (!ratios.empty() && median(ratios) <= kPinnedRatio) continue;
      report.withdrawn.push_back(pin.fingerprint);
      report.regressed_again.push_back("template " + fingerprint_text(pin.fingerprint) + " under " +
                                       pin.arm + " (pinned: " + pin.why + ")");
    }
  }
  return {};
}

Result<std::vector<ChangedStatement>> PolicyValidator::changed(const Policy& candidate,
                                                               const Policy& deployed) {
  std::vector<ChangedStatement> different;
  for (const auto& [fingerprint, known] : parts_.sample.templates()) {
    const auto share =
        static_cast<double>(known.seen) / static_cast<double>(known.statements.size());
    for (const auto& statement : known.statements) {
      auto now = decide(candidate, statement);
      auto before = decide(deployed, statement);
      for (const auto* decision : {&now, &before})
        if (!*decision && decision->error().kind == ErrorKind::kUnavailable)
          return tl::make_unexpected(decision->error());
      if (!now || !before) continue;
      const auto candidate_runs = in_effect(*now, statement.default_ms);
      const auto deployed_runs = in_effect(*before, statement.default_ms);
      if (candidate_runs.runs_like(deployed_runs)) continue;
      different.push_back(
          {&statement, candidate_runs, deployed_runs, share * std::max(statement.default_ms, 1.0)});
    }
  }
  return different;
}

// Has the explorer run the arms beside the default, and were they no slower? A template that was
// seen to regress since must show it anew.
bool PolicyValidator::paired_before(const std::vector<ChangedStatement>& statements) const {
  const auto fingerprint = statements.front().statement->parsed.query_template->fingerprint;
  const auto pinned = std::any_of(parts_.pins.begin(), parts_.pins.end(),
                                  [&](const auto& pin) { return pin.fingerprint == fingerprint; });
  const auto known = parts_.memory.templates().find(fingerprint);
  if (pinned || known == parts_.memory.templates().end()) return false;
  std::set<ArmId> arms;
  for (const auto& one : statements) arms.insert(one.candidate.arm);
  return std::all_of(arms.begin(), arms.end(), [&](ArmId arm) {
    std::vector<double> ratios;
    for (const auto& [id, statement] : known->second) {
      if (!statement.planned()) continue;
      const auto& paired = statement.runs_of(arm).paired_ratios;
      ratios.insert(ratios.end(), paired.begin(), paired.end());
    }
    return ratios.size() >= kFewestTemplatePairs && median(ratios) <= kNoSlower;
  });
}

// Has the explorer run the arms beside the default at once? By how much an arm slows it is not
// seen in a pair that the arm wins.
bool PolicyValidator::measured_beside(const std::vector<ChangedStatement>& statements) const {
  const auto fingerprint = statements.front().statement->parsed.query_template->fingerprint;
  const auto known = parts_.memory.templates().find(fingerprint);
  return known != parts_.memory.templates().end() &&
         std::all_of(statements.begin(), statements.end(), [&](const auto& one) {
           return std::any_of(known->second.begin(), known->second.end(), [&](const auto& entry) {
             const auto& statement = entry.second;
             return statement.planned() && !statement.runs_of(one.candidate.arm).slow_downs.empty();
           });
         });
}

Result<PolicyValidator::TemplateVerdict> PolicyValidator::try_template(
    const std::vector<ChangedStatement>& statements, ValidationReport& report) {
  // Where the default is ended for the arm nothing bounds what a wrong one costs.
  const bool hedged = std::all_of(statements.begin(), statements.end(),
                                  [](const auto& one) { return one.candidate.joins_in(); });
  const double enough = hedged ? config_.max_template_ratio : kNoSlower;
  // Two of three decide the median; one more suffices beside the explorer's.
  const bool known = hedged ? measured_beside(statements) : paired_before(statements);
  const std::size_t agreeing = known ? 1 : 2;
  const auto weights = weights_of(statements);
  std::vector<double> ratios;
  std::vector<double> savings;
  for (int i = 0; i < kMostTemplatePairs; ++i) {
    HINTD_TRY(auto result,
              runs_.run(statements[rng_.weighted(weights)], i, PairedRuns::Default::kWhole));
    if (!result) continue;
    ratios.push_back(result->candidate_ms / result->default_ms);
    savings.push_back(saving_of(*result));
    report.pairs.push_back(std::move(*result));
    if (!report.pairs.back().same_rows) return TemplateVerdict::kOtherRows;
    const bool no_slower = *std::max_element(ratios.begin(), ratios.end()) <= enough;
    const bool worthwhile = mean(savings) >= kWorthwhile;
    if (ratios.size() >= agreeing && no_slower && worthwhile) break;
    if (ratios.size() >= kFewestTemplatePairs && (worthwhile || median(ratios) > enough)) break;
  }
  if (ratios.empty()) return TemplateVerdict::kFailed;
  if (median(ratios) <= enough) return TemplateVerdict::kFaster;
  if (median(ratios) <= config_.max_template_ratio) return TemplateVerdict::kSlower;
  const auto& last = report.pairs.back();
  report.regressed.push_back({last.fingerprint, PlanMemory::id_of(last.fingerprint, last.literals),
                              parts_.catalogue[last.arm].name, "slower when it was validated"});
  return TemplateVerdict::kSlower;
}

Result<std::vector<ChangedStatement>> PolicyValidator::templates(
    std::vector<ChangedStatement> changed, ValidationReport& report) {
  report.stage = "templates";
  struct Waiting {
    double weight = 0;
    std::vector<ChangedStatement> statements;
  };
  std::map<std::uint64_t, Waiting> by_template;
  for (const auto& one : changed) {
    const auto fingerprint = one.statement->parsed.query_template->fingerprint;
    if (one.candidate.arm == kDefaultArm) continue;
    auto& waiting = by_template[fingerprint];
    waiting.weight += one.weight;
    waiting.statements.push_back(one);
  }
  std::vector<const std::pair<const std::uint64_t, Waiting>*> heaviest_first;
  for (const auto& entry : by_template) heaviest_first.push_back(&entry);
  std::stable_sort(heaviest_first.begin(), heaviest_first.end(), [](const auto* a, const auto* b) {
    return a->second.weight > b->second.weight;
  });
  std::vector<TriedTemplate> faster;
  bool out_of_time = false;
  for (const auto* entry : heaviest_first) {
    if (holds(report.withdrawn, entry->first)) continue;
    // The pairs that decide need their time, too.
    out_of_time = watch_.elapsed() > kTemplatesShare * Seconds(config_.sandbox_budget_s);
    if (out_of_time) break;
    const auto pairs_before = report.pairs.size();
    HINTD_TRY(const auto verdict, try_template(entry->second.statements, report));
    if (verdict == TemplateVerdict::kOtherRows) {
      report.blamed = entry->first;
      report.why = other_rows(report.pairs.back());
      return changed;
    }
    auto tried = as_tried(entry->first, entry->second.weight,
                          std::span(report.pairs).subspan(pairs_before), runs_);
    if (verdict != TemplateVerdict::kFaster)
      report.withdrawn.push_back(entry->first);
    else if (mean(tried.saving) < kWorthwhile)
      report.too_little.push_back(entry->first);
    else
      faster.push_back(std::move(tried));
  }
  const auto passed = provable_part(std::move(faster), config_.min_improvement, kWorstSaving,
                                    config_.false_promotions / 2,
                                    Seconds(config_.sandbox_budget_s) - watch_.elapsed());
  report.tried.assign(passed.begin(), passed.end());
  std::erase_if(changed, [&](const ChangedStatement& one) {
    const auto fingerprint = one.statement->parsed.query_template->fingerprint;
    return by_template.contains(fingerprint) && !passed.contains(fingerprint);
  });
  if (!changed.empty() || by_template.empty()) return changed;
  report.undecided = out_of_time;
  report.why =
      out_of_time ? "no time to try its templates" : "none of its templates is faster by itself";
  return changed;
}

std::string PolicyValidator::other_rows(const PairResult& pair) const {
  return "template " + fingerprint_text(pair.fingerprint) + " gives other rows under " +
         parts_.catalogue[pair.arm].name;
}

bool PolicyValidator::left_out_now(ValidationReport& report) const {
  const auto fingerprint = report.pairs.back().fingerprint;
  std::vector<double> ratios;
  std::vector<double> savings;
  const PairResult* worst = nullptr;
  for (std::size_t i = 0; i < report.pairs.size(); ++i) {
    const auto& pair = report.pairs[i];
    if (pair.fingerprint != fingerprint) continue;
    // What a template was chosen by flatters it.
    if (i >= report.first_deciding) savings.push_back(saving_of(pair));
    if (pair.arm == kDefaultArm) continue;
    ratios.push_back(pair.candidate_ms / pair.default_ms);
    if (worst == nullptr ||
        pair.candidate_ms / pair.default_ms > worst->candidate_ms / worst->default_ms)
      worst = &pair;
  }
  const bool slower =
      ratios.size() >= kFewestTemplatePairs && median(ratios) > config_.max_template_ratio;
  const bool hardly_faster = savings.size() >= kEnoughOfOneTemplate && mean(savings) < kWorthwhile;
  if (!slower && !hardly_faster) return false;
  std::erase(report.tried, fingerprint);
  if (!slower) {
    report.too_little.push_back(fingerprint);
    return true;
  }
  char why[96];
  std::snprintf(why, sizeof why, "%.2fx its default when it was validated, median of %zu pairs",
                median(ratios), ratios.size());
  report.regressed.push_back({fingerprint, PlanMemory::id_of(fingerprint, worst->literals),
                              parts_.catalogue[worst->arm].name, why});
  report.withdrawn.push_back(fingerprint);
  return true;
}

Status PolicyValidator::pairs(std::vector<ChangedStatement> changed, ValidationReport& report) {
  report.stage = "pairs";
  if (changed.empty()) {
    report.why = "it treats no statement of the sample otherwise than the deployed policy";
    return {};
  }
  auto weights = weights_of(changed);
  // Each time a template is left out what remains takes half of the rest.
  if (!report.bounds) {
    report.bounds.emplace(config_.false_promotions / 2);
    report.first_deciding = report.pairs.size();
  }
  auto& bounds = *report.bounds;
  int failed = 0;
  const auto wanted = config_.min_improvement;
  while (report.deciding < config_.max_pairs && !over_budget()) {
    HINTD_TRY(auto result, runs_.run(changed[rng_.weighted(weights)], report.deciding++,
                                     PairedRuns::Default::kStopped));
    if (!result) {
      if (++failed > config_.max_pairs / 10) break;
      continue;
    }
    const auto fingerprint = result->fingerprint;
    report.pairs.push_back(*result);
    if (!result->same_rows) {
      report.blamed = fingerprint;
      report.why = other_rows(*result);
      break;
    }
    if (left_out_now(report)) {
      std::erase_if(changed, [&](const ChangedStatement& one) {
        return one.statement->parsed.query_template->fingerprint == fingerprint;
      });
      weights = weights_of(changed);
      bounds = PairBounds(bounds.alpha / 2);
      if (!changed.empty()) continue;
      report.why = "none of its templates is faster by itself";
      break;
    }
    if (result->arm != kDefaultArm)
      bounds.over_default.add(1 - result->candidate_ms / result->default_ms);
    bounds.over_deployed.add(saving_of(*result));
    if (bounds.proved(wanted) || bounds.hopeless(wanted)) break;
  }
  const bool measured = bounds.over_default.count() > 0;
  report.saved = measured ? bounds.over_default.mean() : 0;
  report.saved_lower = measured ? bounds.over_default.lower() : 0;
  report.over_deployed = bounds.over_deployed.mean();
  report.over_deployed_lower = bounds.over_deployed.lower();
  if (!report.why.empty()) return {};
  report.passed = bounds.proved(wanted);
  report.undecided = !report.passed && !bounds.hopeless(wanted) && over_budget();
  const bool default_decides = measured && bounds.over_deployed.upper() >= wanted &&
                               report.saved_lower < report.over_deployed_lower;
  const auto& weakest = default_decides ? bounds.over_default : bounds.over_deployed;
  report.why = "saves " + percent(weakest.mean()) + ", at least " + percent(weakest.lower()) +
               " of the " + (default_decides ? "default's" : "deployed policy's") + " time in " +
               std::to_string(bounds.over_deployed.count()) + " pairs" +
               (report.passed ? "" : "; " + percent(wanted) + " must be sure");
  return {};
}

}  // namespace hintd::learning
