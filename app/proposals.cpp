#include "app/proposals.h"

#include <algorithm>

#include "core/query_template.h"

namespace hintd::app {
namespace {

// The largest measured slowdown of a template's statements under the arm.
double risk_of(const PlanMemory& memory, std::uint64_t fingerprint, ArmId arm) {
  const auto it = memory.templates().find(fingerprint);
  if (it == memory.templates().end()) return 0;
  double risk = 0;
  for (const auto& [id, statement] : it->second) {
    if (!statement.planned() || arm >= statement.group_of_arm.size()) continue;
    if (const auto ratio = statement.ratio(arm)) risk = std::max(risk, *ratio - 1);
  }
  return risk;
}

}  // namespace

safety::GovernanceVerdict GovernanceDesk::check(std::uint64_t fingerprint, ArmId arm) const {
  safety::Proposal proposal;
  proposal.hint_set = catalogue_[arm].name;
  proposal.fingerprint = fingerprint_text(fingerprint);
  if (const auto text = texts_.find(fingerprint); text != texts_.end())
    proposal.normalized = text->second;
  proposal.role = role_;
  proposal.risk = risk_of(memory_, fingerprint, arm);
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
