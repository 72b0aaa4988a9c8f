// The way of one user's statement through the house, as the simulation and the evaluation run it:
// parse (cached), decide, plan only where the decision hangs on it, run under a deadline, tell
// telemetry.
#pragma once

#include <string>
#include <unordered_set>

#include "core/event.h"
#include "core/latency_baseline.h"
#include "core/optimizer.h"
#include "core/plan_executor.h"
#include "core/template_cache.h"
#include "learning/agent/dqn_agent.h"
#include "safety/deadline.h"
#include "safety/hedge.h"
#include "safety/safety_config.h"
#include "safety/supervisor.h"

namespace hintd::app {

struct SessionParts {
  const HintCatalogue& catalogue;
  const Optimizer& optimizer;
  PlanExecutor& executor;
  safety::Hedge& hedge;
  EventSink& events;
  const Clock& clock;
  safety::SafetyConfig safety;
  safety::Supervisor& supervisor;
  double min_plan_latency_ms = 0;  // faster templates are never planned for a decision
};

// Inline exploring: the agent may try an arm on a user's statement, under a deadline.
struct InlineExploring {
  learning::DqnAgent& agent;
  const learning::AgentConfig& config;
  double share = 0;           // part of the statements that may be tried, 0..1
  double min_latency_ms = 0;  // templates with a faster default are not tried
  Rng rng;
};

// A user's statement. Name and class are the workload's own, for reports; empty where there are
// none.
struct Statement {
  std::string sql;
  std::string name;
  std::string query_class;
};

struct Served {
  ParsedQuery parsed;
  Decision decision;
  Millis latency{0};            // end to end: deciding, planning for the decision, a re-run
  Millis arm_latency{0};        // the run under the arm
  bool timed_out = false;       // the default joined in past the deadline and gave the rows
  Millis lost{0};               // server time of a run beside the one that gave the rows
  std::optional<ArmId> joined;  // the arm that a hedged statement ran under beside the default
  bool arm_failed = false;      // its run failed, or the default was far faster
  std::string arm_error;        // why it failed, when the default then served
  Execution execution;
};

// Not thread-safe: one connection, one owner.
class Session {
 public:
  explicit Session(SessionParts parts);

  // Runs the statement. Fails with what PostgreSQL says (kQuery) or kUnavailable; failures are told
  // to telemetry as well.
  Result<Served> run(const Statement& statement);
  // The same with inline exploring.
  Result<Served> run_exploring(const Statement& statement, InlineExploring& exploring);

  // The database's state as it was last read: part of what the agent sees.
  void set_database_state(DatabaseState state) { state_ = state; }

  const LatencyBaseline& baseline() const { return baseline_; }

 private:
  Result<Served> serve(const Statement& statement, InlineExploring* exploring);
  bool worth_planning(std::uint64_t fingerprint) const;
  Result<PlannedState> plan(const std::string& sql, const ParsedQuery& parsed);
  // The decision, and the default's plan where it was needed for it.
  Result<std::optional<PlannedState>> decide(const std::string& sql, InlineExploring* exploring,
                                             Served& served);
  Millis deadline_of(std::uint64_t fingerprint, const Decision& decision) const;
  // Runs the statement as decided, and fills in how it went.
  Status execute(const std::string& sql, Served& served);
  Status execute_hedged(const std::string& sql, Served& served);
  void explore(const PlannedState& state, const Served& served, InlineExploring& exploring);
  void introduce(const ParsedQuery& parsed, const Statement& statement);
  void keep_watch(const Served& served);
  void tell(const Served& served, const PlannedState* planned, const std::string& error);

  SessionParts parts_;
  Optimizer::Reader reader_;
  TemplateCache templates_;
  LatencyBaseline baseline_;
  DatabaseState state_;
  std::unordered_set<std::uint64_t> told_;  // templates that telemetry knows
};

}  // namespace hintd::app
