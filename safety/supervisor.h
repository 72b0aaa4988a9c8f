// Watches what users run under hints and takes back what turned bad: an arm by the circuit breaker
// and the regression guard, a whole policy by the policy watch, the failure test and the breaker
// over everything.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/optimizer.h"
#include "safety/guard_state.h"
#include "safety/safety_config.h"

namespace hintd::safety {

// A user's statement that was served. One that was hedged and ended before its patience says
// nothing: no arm joined in, and as a run of the default it is one of the fast.
struct ServedRun {
  std::uint64_t fingerprint = 0;
  std::vector<std::uint64_t> literals;
  Decision decision;      // its arm is the one that gave the rows
  Millis latency{0};      // as the user felt it
  Millis arm_latency{0};  // the last run alone
  // The arm's run failed, or took far longer than the default that then served: it was stopped past
  // its deadline, or beside it the default was faster by far.
  bool arm_failed = false;
  // Of a hedged statement the arm that joined in, whichever run then gave the rows.
  std::optional<ArmId> joined = {};
};

// allows() takes no lock; the rest is thread-safe behind one.
class Supervisor final : public Guard {
 public:
  // Called, without the lock, when a policy must be taken back: its version and why. Never twice
  // for one deployment.
  using TakeBack = std::function<void(std::uint32_t version, const std::string& why)>;

  // Clock and events must outlive it.
  Supervisor(const SafetyConfig& config, const Clock& clock, EventSink& events);

  void on_take_back(TakeBack take_back) { take_back_ = std::move(take_back); }

  bool allows(std::uint64_t fingerprint, ArmId arm) const noexcept override {
    return breaker_.allows(fingerprint, arm);
  }

  // Arms, templates and the like that circuit breakers leave alone now.
  std::int64_t open_breakers() const noexcept { return breaker_.open_count(); }

  // The policy that is in force from now on; null: none. What is known of arms stays, for most
  // rules of two versions are the same; the policy as a whole is watched anew.
  void deployed(std::shared_ptr<const Policy> policy);

  void served(const ServedRun& run);

  // A run under the default that no user waited for, or that was logged before this one was made.
  void ran_default(std::uint64_t fingerprint, DefaultRun run);
  // Default runs of the template that arms are measured by, the last kKept at most.
  std::size_t default_runs(std::uint64_t fingerprint);
  // Called, without the lock, after a run that failed or convicted: what state() gives is worth
  // keeping at once.
  void on_verdict(std::function<void()> told) { on_verdict_ = std::move(told); }
  // Copied piece by piece: runs that are served meanwhile wait for one piece at most.
  GuardState state() const;
  // What an earlier process knew; once, before the first run and after deployed(). What it held
  // against a policy counts for a policy of the same version.
  void restore(const GuardState& state);

 private:
  struct Verdict {
    std::string why;  // to take the policy back; empty: keep it
    std::uint32_t version = 0;
    bool arm_convicted = false;
  };
  Verdict judge(const ServedRun& run);
  bool judge_arm(const ServedRun& run);
  std::string judge_policy(const ServedRun& run);
  std::string slower_in_all(const ServedRun& run);
  PolicyWatch new_watch() const;
  RegressionGuard::Like like(const ServedRun& run) const;
  void tell(const char* event, std::uint64_t fingerprint, std::string detail);

  const SafetyConfig config_;
  const Clock& clock_;
  EventSink& events_;
  TakeBack take_back_;
  std::function<void()> on_verdict_;
  CircuitBreaker breaker_;

  mutable std::mutex mutex_;
  RegressionGuard guard_;
  PolicyWatch watch_;
  FailureTest failures_;
  std::shared_ptr<const Policy> policy_;  // shared with the optimizer
  bool taken_back_ = false;
};

}  // namespace hintd::safety
