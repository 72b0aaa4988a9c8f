#include "app/inline_trials.h"

#include <algorithm>

#include "core/log.h"
#include "learning/agent/reward.h"
#include "safety/deadline.h"

namespace hintd::app {
namespace {

// Of the slow statements, while the budget lasts.
constexpr double kTried = 0.1;
// A trial whose end nobody told by then: its client went away.
constexpr Seconds kLost{600};

}  // namespace

InlineTrials::InlineTrials(House& house, const Clock& clock)
    : house_(house), clock_(clock), rng_(Rng(house.settings().workload.seed).split("inline")) {}

std::optional<proxy::Trial> InlineTrials::due(std::uint64_t fingerprint) noexcept {
  if (due_count_.load(std::memory_order_relaxed) == 0) return std::nullopt;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return std::nullopt;
  const auto found = due_.find(fingerprint);
  return found == due_.end() ? std::nullopt : std::optional(found->second);
}

bool InlineTrials::take(std::uint64_t fingerprint) noexcept {
  const std::lock_guard lock(mutex_);
  const bool taken = due_.erase(fingerprint) == 1;
  if (taken) --due_count_;
  return taken;
}

void InlineTrials::ended(const proxy::TrialEnd& end) noexcept {
  const std::lock_guard lock(mutex_);
  ended_.push_back(end);
}

bool InlineTrials::enabled() const {
  return house_.settings().serve.inline_share > 0 && house_.optimizer->mode() == Mode::kSteer;
}

// Even if every trial under way takes all it may.
bool InlineTrials::affordable(Millis deadline) const {
  return lost_ + reserved_ + deadline <= house_.settings().serve.inline_share * heard_;
}

void InlineTrials::heard(const std::string& sql, const ParsedQuery& parsed, Millis latency) {
  if (!enabled()) return;
  const auto fingerprint = parsed.query_template->fingerprint;
  heard_ += latency;
  baseline_.record(fingerprint, latency);
  forget_if_lost(fingerprint);
  const auto usual = baseline_.median(fingerprint);
  if (!usual || nominees_.contains(fingerprint) || !rng_.chance(kTried)) return;
  const auto deadline =
      safety::deadline_for(house_.settings().safety, *baseline_.slowest(fingerprint));
  if (affordable(deadline)) nominate(sql, parsed, *usual, deadline);
}

void InlineTrials::forget_if_lost(std::uint64_t fingerprint) {
  const auto found = nominees_.find(fingerprint);
  if (found == nominees_.end() || found->second.since.elapsed() < Millis(kLost)) return;
  take(fingerprint);
  reserved_ -= found->second.trial.deadline;
  lost_ += found->second.trial.deadline;
  nominees_.erase(found);
}

void InlineTrials::nominate(const std::string& sql, const ParsedQuery& parsed, Millis usual,
                            Millis deadline) {
  auto found = nominee(sql, *parsed.query_template);
  if (!found) log_warning("trial_not_planned", {{"error", found.error().text()}});
  if (!found || !*found) return;
  const auto fingerprint = parsed.query_template->fingerprint;
  auto& chosen = **found;
  chosen.trial.deadline = deadline;
  chosen.usual = usual;
  reserved_ += deadline;
  const std::lock_guard lock(mutex_);
  due_.insert_or_assign(fingerprint, chosen.trial);
  ++due_count_;
  nominees_.insert_or_assign(fingerprint, std::move(chosen));
}

// Nothing where the agent would not try an arm, or the arm would change nothing.
Result<std::optional<InlineTrials::Nominee>> InlineTrials::nominee(const std::string& sql,
                                                                   const QueryTemplate& of) {
  const auto& catalogue = house_.catalogue();
  auto& executor = *house_.explorer_executor;
  HINTD_TRY(const auto state, executor.database_state());
  HINTD_TRY(const auto usual, executor.explain(sql, catalogue[kDefaultArm]));
  Nominee chosen;
  chosen.features = features_of(of.shape, usual, state);
  const auto choice = house_.agent->choose(chosen.features, allowed(of.fingerprint));
  if (choice.arm == kDefaultArm) return std::optional<Nominee>();
  HINTD_TRY(const auto hinted, executor.explain(sql, catalogue[choice.arm]));
  if (hinted.identity(catalogue[choice.arm]) == usual.identity(catalogue[kDefaultArm]))
    return std::optional<Nominee>();
  chosen.trial.arm = choice.arm;
  chosen.trial.propensity = static_cast<float>(kTried) * choice.propensity;
  return std::optional(std::move(chosen));
}

std::vector<ArmId> InlineTrials::allowed(std::uint64_t fingerprint) const {
  std::vector<ArmId> arms = {kDefaultArm};
  for (std::size_t i = 1; i < house_.catalogue().size(); ++i)
    if (const auto arm = static_cast<ArmId>(i); house_.orders->allows(fingerprint, arm))
      arms.push_back(arm);
  return arms;
}

void InlineTrials::learn() {
  std::vector<proxy::TrialEnd> ends;
  {
    const std::lock_guard lock(mutex_);
    ends.swap(ended_);
  }
  for (const auto& end : ends) {
    const auto found = nominees_.find(end.fingerprint);
    if (found == nominees_.end() || found->second.trial.arm != end.arm) continue;
    const bool again = end.timed_out || end.failed;
    reserved_ -= found->second.trial.deadline;
    lost_ += again ? end.latency : std::max(Millis(0), end.latency - found->second.usual);
    if (end.settled) learn_from(end, found->second);
    nominees_.erase(found);
  }
}

void InlineTrials::learn_from(const proxy::TrialEnd& end, const Nominee& nominee) {
  const auto& config = house_.settings().agent;
  const learning::ArmRun run{end.latency, 0, end.timed_out, end.failed};
  house_.agent->observe({nominee.features, end.arm,
                         learning::cost_of(run, {nominee.usual, 0}, config), end.timed_out,
                         end.fingerprint, std::nullopt});
  house_.events->record(house_.agent->train().at(clock_.now()));
}

}  // namespace hintd::app
