// What happened, as telemetry keeps it. Plain values; arms by name are looked up by the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/decision.h"

namespace hintd {

// A process's run begins: the first event of every run.
struct RunStarted {
  TimePoint time;
  std::string command;  // "demo"
  std::uint64_t seed = 0;
  double scale = 0;
  double duration_days = 0;
  std::string server_version;
  std::string configuration;      // every setting as it is in force, JSON
  std::vector<std::string> arms;  // the catalogue's names, by arm number
};

// Phases of a demo in which statements are measured, again and again: no traffic of users'.
inline constexpr std::string_view kEvaluationPhase = "evaluation";
inline constexpr std::string_view kProxiedPhase = "proxied";
inline constexpr bool is_traffic(std::string_view phase) {
  return phase != kEvaluationPhase && phase != kProxiedPhase;
}

struct PhaseStarted {
  TimePoint time;
  std::string name;  // "baseline", "learning", "optimised", or one of those
};

// A template's text, once per process and template, before its first observation.
struct TemplateSeen {
  std::uint64_t fingerprint = 0;
  std::string name;         // the workload's own name; empty where there is none
  std::string normalized;   // never holds literals
  std::string query_class;  // the workload's class; empty where there is none
  std::string sample = {};  // a statement as it came, for a sink that was asked to keep those
};

enum class RunKind : std::uint8_t { kUser, kExplorer };

// One statement was run (or failed).
struct QueryObserved {
  TimePoint time;
  std::uint64_t fingerprint = 0;
  std::uint64_t statement = 0;  // PlanMemory::id_of; 0 where it is not known
  Decision decision;
  // Why no hint could be put, whatever was decided: a name that lasts; empty: see decision.reason.
  std::string_view passed = {};
  RunKind kind = RunKind::kUser;
  Millis latency{0};       // end to end as the user felt it: deciding, hinting, a re-run included
  Millis arm_latency{0};   // of the run under the arm alone; up to the deadline when timed_out
  Millis lost{0};          // server time of a hedged statement's other run
  Millis first_row{0};     // until the first row was here; 0 where it was not noted
  bool timed_out = false;  // the arm's run passed its deadline
  std::int64_t rows = 0;
  std::int64_t bytes = 0;       // of the rows on the wire; 0 where not noted
  std::uint64_t plan_hash = 0;  // shape of the plan; 0 where not planned apart
  std::int64_t blocks_hit = 0;  // shared buffers, of the explorer's runs under EXPLAIN; else 0
  std::int64_t blocks_read = 0;
  std::string error;  // sqlstate and message; empty on success
};

struct TrainingStep {
  TimePoint time;
  std::int64_t step = 0;
  double loss = 0;
  double epsilon = 0;
  double q_spread = 0;  // mean standard deviation over the heads
  std::int64_t replay_size = 0;
};

// A new policy is in force.
struct PolicyPublished {
  TimePoint time;
  std::uint32_t version = 0;
  std::int64_t templates = 0;  // with any rule
  std::int64_t steered = 0;    // with an arm other than the default
  std::string summary;         // the rules, JSON
};

// Something the safety rooms did: a deadline passed, an arm was refused, the server was lost and
// found.
struct SafetyEvent {
  TimePoint time;
  std::string name;  // snake_case
  std::uint64_t fingerprint = 0;
  std::string detail;
};

// One evaluated query, paired runs. Written by the final evaluation.
struct QueryEvaluated {
  TimePoint time;
  std::string split;  // "seen_templates", "unseen_templates"
  std::string query;  // the workload's name for it
  std::uint64_t fingerprint = 0;
  ArmId arm = kDefaultArm;  // what the learned policy chose
  DecisionReason reason = DecisionReason::kUnknownTemplate;
  ArmId oracle_arm = kDefaultArm;
  double default_ms = 0;  // medians
  double learned_ms = 0;
  double oracle_ms = 0;
  double ratio = 1;   // learned / default, of medians
  double ci_low = 1;  // bootstrap interval of the ratio, 95 %
  double ci_high = 1;
  int pairs = 0;
  int distinct_plans = 0;
};

struct RunFinished {
  TimePoint time;
  std::string outcome;  // "completed", "interrupted", "failed: ..."
};

using Event = std::variant<RunStarted, PhaseStarted, TemplateSeen, QueryObserved, TrainingStep,
                           PolicyPublished, SafetyEvent, QueryEvaluated, RunFinished>;

// Takes events without ever blocking the caller. Thread-safe.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // False when the event was dropped, which the sink has counted.
  virtual bool record(Event event) noexcept = 0;
};

}  // namespace hintd
