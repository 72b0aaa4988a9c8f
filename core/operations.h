// What people may look at and change in a hintd that runs: the page, the API and the command line
// work through this. Implemented by app.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/optimizer.h"
#include "core/plan_tree.h"
#include "core/result.h"

namespace hintd {

// Who wants a change, and why: kept in the audit log.
struct ChangeNote {
  std::string actor;
  std::string why;
};

// A person's word on a template; it outweighs what was learned.
enum class TemplateOrder : std::uint8_t {
  kNone,
  kPinned,      // its rule stays as it is, whatever is learned
  kBanned,      // no hint, ever
  kRolledBack,  // not under the arm it had; another one may still be proved
};
// snake_case
std::string_view to_string(TemplateOrder order);

struct OrderedTemplate {
  std::uint64_t fingerprint = 0;
  TemplateOrder order = TemplateOrder::kNone;
  std::string arm;  // that is pinned or refused; empty for all
  ChangeNote note;
  TimePoint time;
};

struct Gauge {
  std::string name;  // snake_case with its unit
  double value = 0;
  double limit = 0;  // 0: none
};

// As of now.
struct LiveStatus {
  Mode mode = Mode::kObserve;
  bool hints_on = true;  // the kill switch
  std::uint32_t policy_version = 0;
  std::int64_t policy_templates = 0;
  std::int64_t policy_steered = 0;
  std::int64_t open_breakers = 0;
  double explorer_budget_s = 0;  // 0: not bounded by a sum
  double explorer_share = 0;     // of the time, that it may take; 0: not bounded so
  std::vector<Gauge> gauges;     // queues, connections, the host's load
};

struct PolicySummary {
  std::uint32_t id = 0;
  std::uint32_t parent = 0;
  std::string state;
  bool banned = false;
  bool deployed = false;
  TimePoint made;
  std::int64_t templates = 0;
  std::int64_t steered = 0;
  std::string why;       // of the last decision on it
  std::string evidence;  // what it was validated by, JSON; empty before
};

struct AuditEntry {
  std::int64_t line = 0;
  TimePoint time;
  std::string actor;
  std::string action;
  std::string subject;  // "policy 7", "template 9f3a...", "hints"
  std::string detail;
};

struct Explanation {
  std::uint64_t fingerprint = 0;
  std::string normalized;
  std::string arm;
  std::string reason;
  std::uint32_t policy_version = 0;
  double patience_ms = 0;
  std::string set_sql;  // what goes before the statement; empty for the default
  PlanTree default_plan;
  PlanTree arm_plan;  // the default's where no other arm is chosen
};

// A workload that was handed in to be tuned, as `hintd tune` does it.
struct TuneRun {
  std::uint32_t id = 0;
  TimePoint started;
  Seconds budget{0};
  std::int64_t statements = 0;  // of the workload; 0 for those that the server has counted
  std::string state;            // running, completed, interrupted, failed
  std::string detail;           // how far it is, what came of it, or what went wrong
  ChangeNote note;
};

// What hintd does by itself every so often.
struct JobTimes {
  std::string name;  // snake_case
  Seconds every{0};
  std::optional<TimePoint> last;  // where it is known
  TimePoint next;                 // not before
};

// What reading the settings again did: keys.
struct ReloadedSettings {
  std::vector<std::string> changed;       // in force now
  std::vector<std::string> need_restart;  // differ, and stay as they were until then
};

// Thread-safe. Changes fail with kConflict where the hintd that runs has no such thing.
class Operations {
 public:
  virtual ~Operations() = default;

  virtual LiveStatus status() const = 0;

  virtual Status set_mode(Mode mode, const ChangeNote& note) = 0;
  virtual Status switch_hints(bool on, const ChangeNote& note) = 0;

  // Reads the settings again, as SIGHUP does. Those that are wrong change nothing: kInvalidInput.
  virtual Result<ReloadedSettings> reload_settings(const ChangeNote& note) = 0;

  virtual std::vector<OrderedTemplate> orders() const = 0;
  // kNone takes an order back. kNotFound for kPinned and kRolledBack of a template that no rule
  // hints.
  virtual Status order(std::uint64_t fingerprint, TemplateOrder order, const ChangeNote& note) = 0;

  virtual Result<std::vector<PolicySummary>> policies() const = 0;
  // As `hintd policy show` prints it.
  virtual Result<std::string> policy_text(std::uint32_t id) const = 0;
  // approve, reject, ban, deploy, pin, unpin, rollback: as `hintd policy`.
  virtual Status decide_policy(std::string_view action, std::uint32_t id,
                               const ChangeNote& note) = 0;

  // Newest first, those before that line; 0: from the end.
  virtual Result<std::vector<AuditEntry>> audit(std::int64_t before, std::size_t limit) const = 0;

  // What a statement would run under. kInvalidInput for what is not one read-only SELECT.
  virtual Result<Explanation> explain(std::string_view sql) = 0;
  // The same for a statement of the template that traffic brought; kNotFound where none is known.
  virtual Result<Explanation> explain_template(std::uint64_t fingerprint) = 0;

  // Begins to tune a script of statements, or those that pg_stat_statements has counted where it is
  // that word; its id. kInvalidInput for a script that holds none, kConflict while another is
  // tuned.
  virtual Result<std::uint32_t> start_tune(std::string_view workload, Seconds budget,
                                           const ChangeNote& note) = 0;
  // Asks it to end; what it confirmed by then is kept. kConflict for one that does not run.
  virtual Status stop_tune(std::uint32_t id, const ChangeNote& note) = 0;
  // Newest first.
  virtual std::vector<TuneRun> tunes() const = 0;
  // report.json and policy.json of `hintd tune`. kNotFound before they are written.
  virtual Result<std::string> tune_report(std::uint32_t id) const = 0;
  virtual Result<std::string> tune_policy(std::uint32_t id) const = 0;

  virtual std::vector<JobTimes> jobs() const = 0;
  // Of PostgreSQL, at most five seconds old; empty while it cannot be asked.
  virtual std::vector<Gauge> server_gauges() = 0;

  // The newest lines of the log, oldest first.
  virtual std::vector<std::string> log_tail(std::size_t lines) const = 0;
  // Level 2's state as `hintd meta` keeps it, and the anchors' files, JSON; empty where there are
  // none.
  virtual std::string meta_json() const = 0;
  virtual std::string anchors_json() const = 0;
};

}  // namespace hintd
