// What the sessions of one I/O thread share: the statements they know, the policy as they see it,
// what they count, and where they tell what happened.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/event.h"
#include "core/failsafe.h"
#include "core/latency_baseline.h"
#include "core/optimizer.h"
#include "proxy/counters.h"
#include "proxy/injection.h"
#include "proxy/known_statement.h"
#include "proxy/name_filter.h"
#include "proxy/template_totals.h"
#include "proxy/trials.h"
#include "safety/supervisor.h"

namespace hintd::proxy {

// Hears of every statement that ran under the default without an error, after its client has its
// answer. Thread-safe; never blocks. What it throws costs nobody anything: it is counted.
class StatementTap {
 public:
  virtual ~StatementTap() = default;
  virtual void ran(const KnownStatement& statement, Millis latency) = 0;
};

// Why an arm was abandoned, as telemetry knows it.
inline constexpr std::string_view kDeadlinePassed = "deadline_passed";

// What can be changed while the proxy runs. Thread-safe.
struct Switches {
  std::atomic<bool> off{false};       // the kill switch
  std::atomic<bool> draining{false};  // no new clients
};

// Owned by whoever builds the proxy; all must outlive it.
struct WorkerParts {
  const Injections& injections;
  const Governance& governance;
  const Optimizer& optimizer;
  EventSink& events;
  const Clock& clock;
  const Switches& switches;
  StatementTap* tap = nullptr;               // may be null
  std::string tap_database;                  // only sessions with this database are heard of
  safety::SafetyConfig safety = {};          // for deadlines
  safety::Supervisor* supervisor = nullptr;  // hears how statements did; may be null
  Trials* trials = nullptr;                  // may be null: nothing is tried on users' statements
  std::optional<ArmId> forced = {};  // put before every eligible statement, whatever the policy
  NameFilter applications{"*"};      // sessions that may be hinted
  NameFilter roles{"*"};
  bool password_required = false;  // a server that asks for none is not passed on
};

struct Choice {
  Decision decision;
  PassReason pass = PassReason::kDefault;
  BoundLiterals bound;
  bool hint() const { return pass == PassReason::kHinted; }
  const std::vector<std::uint64_t>& literals(const KnownStatement& statement) const {
    return bound ? *bound : statement.parsed.literals;
  }
};

// The choice stands, but the hint cannot be put here.
inline void not_applied(Choice& choice, PassReason why) {
  choice.pass = why;
  choice.decision.arm = kDefaultArm;
  choice.decision.reason = DecisionReason::kNotApplied;
}

// How a statement ended.
struct Finished {
  const KnownStatement* statement = nullptr;
  Choice choice;
  Millis latency{0};
  Millis first_row{0};
  Millis lost{0};  // of the latency: attempts that were abandoned
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  bool timed_out = false;
  bool tell_tap = false;
  std::string_view error;  // "sqlstate message"; empty on success
};

// Not thread-safe: one thread's. Fails open: what is thrown while it decides or tells costs the
// statement its hint, and is counted.
class Worker {
 public:
  explicit Worker(WorkerParts parts)
      : parts_(std::move(parts)), statements_(parts_.governance), reader_(parts_.optimizer) {}

  const WorkerParts& parts() const { return parts_; }
  // Null where it cannot be told.
  std::shared_ptr<const KnownStatement> statement(std::string_view text);
  // Whether any statement could be hinted now: else nobody need look closely.
  bool steering() const {
    return !parts_.switches.off.load(std::memory_order_relaxed) &&
           (parts_.forced || parts_.optimizer.mode() == Mode::kSteer);
  }
  // What to do with a statement, as far as it lies in the statement itself. `statement` may be
  // null: one that is not known.
  Choice choose(const KnownStatement* statement, BoundLiterals bound = nullptr);
  // Before a statement runs as chosen. False where the choice was a trial that another session has
  // taken in the meantime: it is the default now.
  bool still_stands(const KnownStatement& statement, Choice& choice);
  // Counts, tells telemetry and the tap.
  void finished(const Finished& finished);

  // A run under the arm was stopped, refused or failed, and the statement runs again.
  void arm_failed(const KnownStatement& statement, const Choice& choice, std::string_view why);

  // For what else must not end the thread.
  Failsafe& failsafe() { return failsafe_; }
  const Failsafe& failsafe() const { return failsafe_; }

  Counters counters;
  TemplateTotals totals;

 private:
  Choice choose_for(const KnownStatement* statement, BoundLiterals bound);
  void tell(const Finished& finished);
  Decision decide(const KnownStatement& statement, std::span<const std::uint64_t> literals);
  std::optional<Decision> trial(const Decision& decision, std::uint64_t fingerprint) const;
  bool is_trial(const Choice& choice) const;
  Millis deadline_of(std::uint64_t fingerprint) const;
  void watch(const Finished& finished);

  WorkerParts parts_;
  Failsafe failsafe_{"internal_error"};
  StatementCache statements_;
  Optimizer::Reader reader_;
  LatencyBaseline baseline_;                // of statements that may be hinted
  std::unordered_set<std::uint64_t> told_;  // templates that telemetry knows
};

}  // namespace hintd::proxy
