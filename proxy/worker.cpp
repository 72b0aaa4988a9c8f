#include "proxy/worker.h"

#include <algorithm>

#include "core/plan_memory.h"
#include "safety/deadline.h"

namespace hintd::proxy {
namespace {

constexpr std::size_t kMaxTold = 100'000;
// Faster statements get the shortest deadline anyway.
constexpr Millis kWorthWatching{1};

// 0 where a value is not known: not told, bound in binary, or NULL.
std::uint64_t id_of(const KnownStatement& statement, const Choice& choice) {
  if (!statement.parameters.empty() && choice.bound == nullptr) return 0;
  const auto& literals = choice.literals(statement);
  const bool known = std::find(literals.begin(), literals.end(), 0) == literals.end();
  return known ? PlanMemory::id_of(statement.query_template()->fingerprint, literals) : 0;
}

// What says more than the decision's own reason.
std::string_view passed_beside_decision(PassReason pass) {
  switch (pass) {
    case PassReason::kHinted:
    case PassReason::kHedged:
    case PassReason::kObserving:
    case PassReason::kDefault:
    case PassReason::kNeedsPlan:
    case PassReason::kGuarded:
      return {};
    default:
      return to_string(pass);
  }
}

}  // namespace

Decision Worker::decide(const KnownStatement& statement, std::span<const std::uint64_t> literals) {
  if (parts_.forced) return {*parts_.forced, DecisionReason::kExploring};
  const auto fingerprint = statement.query_template()->fingerprint;
  auto decision = reader_.decide({fingerprint, literals, nullptr});
  if (const auto tried = trial(decision, fingerprint)) return *tried;
  if (decision.arm != kDefaultArm) decision.deadline = deadline_of(fingerprint);
  return decision;
}

// Only where the default would run, for nothing better can be had here: what would hang on the
// default plan is not applied either.
std::optional<Decision> Worker::trial(const Decision& decision, std::uint64_t fingerprint) const {
  const bool free = decision.arm == kDefaultArm && decision.reason != DecisionReason::kGuarded;
  if (parts_.trials == nullptr || !free) return std::nullopt;
  const auto due = parts_.trials->due(fingerprint);
  if (!due) return std::nullopt;
  auto tried = decision;
  tried.arm = due->arm;
  tried.reason = DecisionReason::kExploring;
  tried.propensity = due->propensity;
  tried.deadline = due->deadline;
  return tried;
}

bool Worker::is_trial(const Choice& choice) const {
  return parts_.trials != nullptr && !parts_.forced && choice.hint() &&
         choice.decision.reason == DecisionReason::kExploring;
}

std::shared_ptr<const KnownStatement> Worker::statement(std::string_view text) {
  std::shared_ptr<const KnownStatement> known;
  failsafe_.run([&] { known = statements_.get(text); });
  return known;
}

bool Worker::still_stands(const KnownStatement& statement, Choice& choice) {
  if (!is_trial(choice)) return true;
  if (parts_.trials->take(statement.query_template()->fingerprint)) return true;
  not_applied(choice, PassReason::kDefault);
  return false;
}

// By the slowest of the template's latest runs under the default, or by what its rule was made
// from.
Millis Worker::deadline_of(std::uint64_t fingerprint) const {
  auto usual = baseline_.slowest(fingerprint).value_or(Millis(0));
  const auto policy = parts_.optimizer.policy();
  if (const auto* memory = dynamic_cast<const MemoryPolicy*>(policy.get()))
    if (const auto rule = memory->rules().find(fingerprint); rule != memory->rules().end())
      usual = std::max(usual, rule->second.default_latency);
  return safety::deadline_for(parts_.safety, usual);
}

Choice Worker::choose(const KnownStatement* statement, BoundLiterals bound) {
  Choice choice;
  if (!failsafe_.run([&] { choice = choose_for(statement, std::move(bound)); }))
    not_applied(choice, PassReason::kInternalError);
  return choice;
}

Choice Worker::choose_for(const KnownStatement* statement, BoundLiterals bound) {
  Choice choice;
  choice.bound = std::move(bound);
  const auto pass = [&](PassReason reason) {
    choice.pass = reason;
    return choice;
  };
  choice.decision.reason = DecisionReason::kObserving;
  if (parts_.switches.off.load(std::memory_order_relaxed)) return pass(PassReason::kSwitchedOff);
  if (!steering()) return pass(PassReason::kObserving);
  choice.decision.reason = DecisionReason::kUnknownTemplate;
  if (statement == nullptr || statement->query_template() == nullptr)
    return pass(PassReason::kUnknownText);
  if (statement->eligibility != Eligibility::kEligible) return pass(PassReason::kNotEligible);
  choice.decision = decide(*statement, choice.literals(*statement));
  if (choice.decision.arm != kDefaultArm) return pass(PassReason::kHinted);
  switch (choice.decision.reason) {
    case DecisionReason::kNeedsPlan:
      return pass(PassReason::kNeedsPlan);
    case DecisionReason::kGuarded:
      return pass(PassReason::kGuarded);
    default:
      return pass(PassReason::kDefault);
  }
}

void Worker::finished(const Finished& finished) {
  counters.statements.add();
  counters.rows.add(finished.rows);
  counters.bytes.add(finished.bytes);
  counters.passed[static_cast<std::size_t>(finished.choice.pass)].add();
  if (!finished.error.empty()) counters.errors.add();
  if (finished.statement == nullptr || finished.statement->query_template() == nullptr) return;
  failsafe_.run([&] { tell(finished); });
}

void Worker::tell(const Finished& finished) {
  const auto& query_template = *finished.statement->query_template();
  if (told_.size() > kMaxTold) told_.clear();
  if (told_.insert(query_template.fingerprint).second &&
      !parts_.events.record(TemplateSeen{query_template.fingerprint, "", query_template.normalized,
                                         "", finished.statement->text})) {
    told_.erase(query_template.fingerprint);
    counters.telemetry_dropped.add();
  }
  totals.add(finished.statement->parsed.query_template, finished.latency, finished.choice.hint());
  QueryObserved event;
  event.time = parts_.clock.now();
  event.fingerprint = query_template.fingerprint;
  event.statement = id_of(*finished.statement, finished.choice);
  event.decision = finished.choice.decision;
  event.passed = passed_beside_decision(finished.choice.pass);
  event.latency = finished.latency;
  event.arm_latency = finished.latency - finished.lost;
  if (finished.choice.decision.patience > Millis::zero()) event.lost = finished.lost;
  event.first_row = finished.first_row;
  event.timed_out = finished.timed_out;
  event.rows = finished.rows;
  event.bytes = finished.bytes;
  event.error = finished.error;
  if (!parts_.events.record(std::move(event))) counters.telemetry_dropped.add();

  watch(finished);
  if (is_trial(finished.choice))
    parts_.trials->ended({query_template.fingerprint, finished.choice.decision.arm,
                          finished.latency - finished.lost, false, false, finished.error.empty()});

  const bool heard = parts_.tap != nullptr && finished.tell_tap && finished.error.empty() &&
                     finished.choice.decision.arm == kDefaultArm &&
                     finished.choice.pass != PassReason::kSentAgain &&
                     finished.statement->eligibility == Eligibility::kEligible;
  if (heard) parts_.tap->ran(*finished.statement, finished.latency);
}

void Worker::watch(const Finished& finished) {
  if (!finished.error.empty() || finished.choice.pass == PassReason::kSentAgain) return;
  const auto fingerprint = finished.statement->query_template()->fingerprint;
  const auto arm = finished.choice.decision.arm;
  const bool worth_it = finished.latency >= kWorthWatching &&
                        finished.statement->eligibility == Eligibility::kEligible;
  if (arm == kDefaultArm && !worth_it) return;
  if (arm == kDefaultArm) baseline_.record(fingerprint, finished.latency);
  if (parts_.supervisor != nullptr)
    parts_.supervisor->served({fingerprint, finished.choice.literals(*finished.statement),
                               finished.choice.decision, finished.latency,
                               finished.latency - finished.lost, false});
}

void Worker::arm_failed(const KnownStatement& statement, const Choice& choice,
                        std::string_view why) {
  const auto fingerprint = statement.query_template()->fingerprint;
  // How long it would have taken is not known; at least its deadline, where it passed that.
  const auto latency = std::max(choice.decision.deadline, kWorthWatching);
  if (parts_.supervisor != nullptr)
    parts_.supervisor->served(
        {fingerprint, choice.literals(statement), choice.decision, latency, latency, true});
  const bool timed_out = why == kDeadlinePassed;
  if (is_trial(choice))
    parts_.trials->ended({fingerprint, choice.decision.arm, latency, timed_out, !timed_out, true});
  SafetyEvent event{parts_.clock.now(), std::string(why), fingerprint,
                    parts_.injections.name(choice.decision.arm)};
  if (!parts_.events.record(std::move(event))) counters.telemetry_dropped.add();
}

}  // namespace hintd::proxy
