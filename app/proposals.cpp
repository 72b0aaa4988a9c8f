#include "app/proposals.h"

#include <vector>

#include "core/query_template.h"
#include "learning/policy/arm_cost.h"

namespace hintd::app {
namespace {

// Of the statements for which the rule makes the choice. What two runs side by side cost each other
// is measured with so much noise that the template's measurements count together.
double risk_of(const PlanMemory& memory, std::uint64_t fingerprint, const TemplateRule& rule,
               const RunChoice& choice) {
  const auto it = memory.templates().find(fingerprint);
  if (it == memory.templates().end()) return 0;
  std::vector<learning::Sample> samples;
  samples.reserve(it->second.size());
  learning::Pool all;
  learning::Pool chosen;
  for (const auto& [id, statement] : it->second) {
    if (!statement.planned() || choice.arm >= statement.group_of_arm.size()) continue;
    all.push_back(&samples.emplace_back(statement));
    if (rule.choice_for(statement.literals, statement.default_shape) == choice)
      chosen.push_back(all.back());
  }
  return learning::measured_risk(choice, chosen, learning::measured_slow_down(all, choice.arm));
}

}  // namespace

safety::GovernanceVerdict GovernanceDesk::check(std::uint64_t fingerprint, const TemplateRule& rule,
                                                const RunChoice& choice) const {
  safety::Proposal proposal;
  proposal.hint_set = catalogue_[choice.arm].name;
  proposal.fingerprint = fingerprint_text(fingerprint);
  if (const auto text = texts_.find(fingerprint); text != texts_.end())
    proposal.normalized = text->second;
  proposal.role = role_;
  proposal.risk = risk_of(memory_, fingerprint, rule, choice);
  auto verdict = safety::check(spec_, proposal);
  if (!verdict.allowed)
    verdict.why = "template " + proposal.fingerprint + " under " + proposal.hint_set +
                  " is not allowed: " + verdict.why;
  return verdict;
}

safety::GovernanceVerdict GovernanceDesk::check_now(TimePoint now, const std::string& mode) const {
  safety::Proposal proposal;
  proposal.mode = mode;
  proposal.role = role_;
  proposal.hour = safety::hour_of(now);
  return safety::check(spec_, proposal);
}

}  // namespace hintd::app
