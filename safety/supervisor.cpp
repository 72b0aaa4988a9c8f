#include "safety/supervisor.h"

#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/log.h"
#include "core/query_template.h"

namespace hintd::safety {
namespace {

std::string ratio_text(double ratio, std::int64_t runs) {
  char text[80];
  std::snprintf(text, sizeof text, "%.2fx the default over %lld runs", ratio,
                static_cast<long long>(runs));
  return text;
}

// What the statement ran under. Beside a joined arm the default is slower than alone, so that its
// rows, too, count as the arm's.
ArmId arm_of(const ServedRun& run) {
  return run.joined.value_or(run.decision.arm);
}

PolicyWatch::Baseline baseline_of(const std::vector<double>& latencies) {
  const auto n = static_cast<double>(latencies.size());
  const double mean_ms = std::reduce(latencies.begin(), latencies.end()) / n;
  double squares = 0;
  for (const double ms : latencies) squares += (ms - mean_ms) * (ms - mean_ms);
  return {LatencyScale(latencies), mean_ms, std::sqrt(squares / (n - 1) / n)};
}

}  // namespace

Supervisor::Supervisor(const SafetyConfig& config, const Clock& clock, EventSink& events)
    : config_(config),
      clock_(clock),
      events_(events),
      breaker_(config, clock),
      guard_(config.false_alarms),
      watch_(new_watch()),
      failures_(FailureTest::kShareOfAlarms * config.false_alarms) {}

PolicyWatch Supervisor::new_watch() const {
  return PolicyWatch(config_.rollback_threshold,
                     (1 - FailureTest::kShareOfAlarms) * config_.false_alarms);
}

void Supervisor::deployed(std::shared_ptr<const Policy> policy) {
  const std::lock_guard lock(mutex_);
  policy_ = std::move(policy);
  watch_ = new_watch();
  failures_.restore({});
  taken_back_ = false;
  breaker_.close_everywhere();
}

GuardState Supervisor::state() const {
  GuardState state;
  std::vector<std::uint64_t> templates;
  {
    const std::lock_guard lock(mutex_);
    state.scopes = breaker_.scopes();
    state.watches = guard_.watches();
    state.policy_version = policy_ ? policy_->version() : 0;
    state.taken_back = taken_back_;
    state.policy_watch = watch_.state();
    state.policy_failures = failures_.state();
    templates = guard_.templates();
  }
  for (const auto fingerprint : templates) {
    const std::lock_guard lock(mutex_);
    state.default_runs.emplace(fingerprint, guard_.newest(fingerprint, GuardState::kDefaultRuns));
  }
  return state;
}

void Supervisor::restore(const GuardState& state) {
  const std::lock_guard lock(mutex_);
  for (const auto& scope : state.scopes) breaker_.restore(scope);
  for (const auto& watch : state.watches) guard_.restore(watch);
  for (const auto& [fingerprint, runs] : state.default_runs)
    for (const auto& run : runs) guard_.default_run(fingerprint, run);
  if (policy_ == nullptr || policy_->version() != state.policy_version)
    return breaker_.close_everywhere();
  taken_back_ = state.taken_back;
  watch_.restore(state.policy_watch);
  failures_.restore(state.policy_failures);
}

void Supervisor::served(const ServedRun& run) {
  Verdict verdict;
  {
    const std::lock_guard lock(mutex_);
    verdict = judge(run);
  }
  if (on_verdict_ && (run.arm_failed || verdict.arm_convicted || !verdict.why.empty()))
    on_verdict_();
  if (verdict.why.empty()) return;
  tell("policy_taken_back", 0, "version " + std::to_string(verdict.version) + ": " + verdict.why);
  log_warning("policy_taken_back",
              {{"version", static_cast<std::int64_t>(verdict.version)}, {"why", verdict.why}});
  if (take_back_) take_back_(verdict.version, verdict.why);
}

void Supervisor::ran_default(std::uint64_t fingerprint, DefaultRun run) {
  const std::lock_guard lock(mutex_);
  guard_.default_run(fingerprint, std::move(run));
}

std::size_t Supervisor::default_runs(std::uint64_t fingerprint) {
  const std::lock_guard lock(mutex_);
  return guard_.baseline(fingerprint, [](const DefaultRun&) { return true; }).size();
}

Supervisor::Verdict Supervisor::judge(const ServedRun& run) {
  const auto arm = arm_of(run);
  if (arm == kDefaultArm) {
    // Of hedged statements only the fast ones end as the default's: kept, they would displace the
    // slow ones, which the arm is measured by.
    if (run.decision.patience == Millis::zero())
      guard_.default_run(run.fingerprint, {run.literals, run.arm_latency.count()});
    return {};
  }
  std::string why;
  if (!run.arm_failed) {
    breaker_.succeeded(run.fingerprint, arm);
  } else if (breaker_.failed(run.fingerprint, arm)) {
    why = std::to_string(config_.max_failures_everywhere) + " runs under hints in a row failed";
  }
  // What is tried on purpose is judged by those who try it.
  if (run.decision.reason == DecisionReason::kExploring) return {};
  const bool convicted = judge_arm(run);
  if (auto slow = judge_policy(run); why.empty()) why = std::move(slow);
  if (policy_ == nullptr || run.decision.policy_version != policy_->version() || taken_back_)
    return {{}, 0, convicted};
  taken_back_ = !why.empty();
  return {std::move(why), policy_->version(), convicted};
}

bool Supervisor::judge_arm(const ServedRun& run) {
  const auto arm = arm_of(run);
  const auto same = like(run);
  const auto regression = guard_.hinted_run(run.fingerprint, arm, run.latency, same);
  if (!regression) return false;
  breaker_.convicted(run.fingerprint, arm);
  const auto found = ratio_text(regression->ratio, regression->runs);
  tell("arm_taken_back", run.fingerprint, "arm " + std::to_string(arm) + ": " + found);
  log_warning("arm_taken_back", {{"template", fingerprint_text(run.fingerprint)},
                                 {"arm", static_cast<std::int64_t>(arm)},
                                 {"ratio", regression->ratio},
                                 {"runs", regression->runs}});
  return true;
}

std::string Supervisor::judge_policy(const ServedRun& run) {
  const bool too_many = failures_.too_many(run.arm_failed);
  if (auto slow = slower_in_all(run); !slow.empty()) return slow;
  if (!too_many) return {};
  const auto& seen = failures_.state();
  return std::to_string(seen.failures) + " of " + std::to_string(seen.runs) +
         " runs under hints failed or took far longer than the default";
}

std::string Supervisor::slower_in_all(const ServedRun& run) {
  const auto latencies = guard_.baseline(run.fingerprint, like(run));
  if (latencies.size() < LatencyScale::kFewest) return {};
  const auto usual = baseline_of(latencies);
  if (usual.mean_ms <= 0 || !watch_.too_slow(run.fingerprint, run.latency.count(), usual))
    return {};
  return ratio_text(watch_.ratio(), watch_.runs());
}

// An arm is compared with the default runs of statements that would get the arm: a rule for slow
// literals alone must not be measured by the fast ones.
RegressionGuard::Like Supervisor::like(const ServedRun& run) const {
  return [this, &run](const DefaultRun& past) {
    if (past.latency_ms <= run.decision.patience.count()) return false;
    if (policy_ == nullptr) return true;
    const auto now = policy_->choose({run.fingerprint, past.literals, nullptr});
    return now.reason == DecisionReason::kNeedsPlan || now.arm == arm_of(run);
  };
}

void Supervisor::tell(const char* event, std::uint64_t fingerprint, std::string detail) {
  events_.record(SafetyEvent{clock_.now(), event, fingerprint, std::move(detail)});
}

}  // namespace hintd::safety
