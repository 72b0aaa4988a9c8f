#include "app/proposals.h"

#include <algorithm>

#include "core/query_template.h"
#include "core/statistics.h"

namespace hintd::app {
namespace {

// What the choice was measured to do to a statement of the template, over its default: beside an
// arm that joins in the default goes on, and is slowed at most, by `beside`.
double slowdown(const StatementEvidence& statement, const RunChoice& choice, double beside) {
  const double default_ms = statement.default_ms();
  const double alone_ms = choice.patience.count();
  if (default_ms <= alone_ms) return 0;
  const auto ratio = statement.ratio(choice.arm);
  const double left_ms = default_ms - alone_ms;
  if (choice.hedged() && !choice.takes_over) {
    const double both_ms = ratio ? std::min(left_ms, *ratio * default_ms) : left_ms;
    return (alone_ms + beside * both_ms) / default_ms - 1;
  }
  return ratio ? alone_ms / default_ms + *ratio - 1 : 0;
}

// The largest of a template's statements. What two runs side by side cost each other is measured
// with so much noise that the template's measurements count together.
double risk_of(const PlanMemory& memory, std::uint64_t fingerprint, const RunChoice& choice) {
  const auto it = memory.templates().find(fingerprint);
  if (it == memory.templates().end()) return 0;
  std::vector<const StatementEvidence*> statements;
  std::vector<double> slow_downs;
  for (const auto& [id, statement] : it->second) {
    if (!statement.planned() || choice.arm >= statement.group_of_arm.size()) continue;
    statements.push_back(&statement);
    const auto& measured = statement.runs_of(choice.arm).slow_downs;
    slow_downs.insert(slow_downs.end(), measured.begin(), measured.end());
  }
  const double beside = slow_downs.empty() ? 1 : median(slow_downs);
  double risk = 0;
  for (const auto* statement : statements)
    risk = std::max(risk, slowdown(*statement, choice, beside));
  return risk;
}

}  // namespace

safety::GovernanceVerdict GovernanceDesk::check(std::uint64_t fingerprint,
                                                const RunChoice& choice) const {
  safety::Proposal proposal;
  proposal.hint_set = catalogue_[choice.arm].name;
  proposal.fingerprint = fingerprint_text(fingerprint);
  if (const auto text = texts_.find(fingerprint); text != texts_.end())
    proposal.normalized = text->second;
  proposal.role = role_;
  proposal.risk = risk_of(memory_, fingerprint, choice);
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
