// Looks for faster plans on a live database, off the users' path: it re-runs statements that
// traffic brought, on its own connection, each try under a timeout. Per template it goes through
// three stages:
//   search  plan every arm of the slowest statements (arms that give one plan are one), run the
//           plan that promises most seconds won per second spent, until none promises enough;
//   verify  propose a rule, run each of its arms and the default one after the other on the slowest
//           statement, compare the results, measure what the two lose side by side, and propose
//           again until the rule stands;
//   done    until traffic brings a statement that is among the slowest.
// What a plan promises comes from level 0 (the agent's heads) and from the template's other
// statements. Every try is evidence for the plan memory, a transition for the agent, and an event
// for telemetry.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/plan_executor.h"
#include "core/plan_memory.h"
#include "core/query_template.h"
#include "learning/agent/dqn_agent.h"
#include "learning/agent/reward.h"
#include "learning/explore/live_explorer_config.h"
#include "learning/policy/rule_learner.h"

namespace hintd::learning {

// What the explorer works with; it owns none of it, and all must outlive it.
struct LiveExplorerParts {
  const HintCatalogue& catalogue;
  PlanExecutor& executor;
  // A second connection: for what runs side by side cost each other, and for tries at once.
  PlanExecutor& beside;
  const RuleLearner& rules;
  const AgentConfig& agent_config;
  DqnAgent& agent;
  PlanMemory& memory;
  EventSink& events;
  const Clock& clock;
};

// Not thread-safe.
class LiveExplorer {
 public:
  LiveExplorer(LiveExplorerConfig config, LiveExplorerParts parts);

  // Traffic ran the statement under the default, which took `latency`. Only kReadOnlySelect may be
  // offered.
  void offer(std::string_view sql, const ParsedQuery& parsed, Millis latency);

  // Does what is worth most: one planning of a statement, one try, or one pair. False when nothing
  // is worth doing. A statement that fails is left out from then on; kUnavailable is passed up.
  Result<bool> step();

  Millis spent() const { return Millis(spent_ms_); }
  std::int64_t tries() const { return tries_; }

 private:
  enum class Stage { kSearch, kVerify, kDone };
  struct Candidate {
    std::string sql;
    StatementEvidence* evidence;
    std::int64_t default_blocks = 0;
    bool failed = false;
  };
  struct Template {
    static constexpr double kUnknownPromise = 0.5;
    std::uint64_t fingerprint = 0;
    std::vector<Candidate> pool;
    Stage stage = Stage::kSearch;
    double traffic_ms = 0;
    double spent_ms = 0;
    double promise =
        kUnknownPromise;  // part of the traffic's time that may be won, as far as is known
    int proposals = 0;
    TemplateRule proposal;
  };
  struct Try {
    Candidate* candidate = nullptr;
    ArmId arm = kDefaultArm;
    double timeout_ms = 0;
    double score = 0;
  };

  // False where the newcomer is no slower than any that may go.
  bool make_room(Template& work, Millis latency);
  // Is the newcomer to be searched, whatever was found before it came?
  void reconsider(Template& work, const StatementEvidence& newcomer);
  Template* most_promising();
  Status search(Template& work);
  Status verify(Template& work);
  // By arm of the proposal, the slowest statement that it would run.
  std::map<ArmId, Candidate*> slowest_by_arm(Template& work) const;
  std::vector<Candidate*> search_pool(Template& work) const;
  // The best one, or the best of different arms: as many as may run at once.
  std::vector<Try> best_tries(const std::vector<Candidate*>& pool) const;
  Status plan(Template& work, Candidate& candidate);
  Status run_default(Candidate& candidate);
  Status run_tries(Template& work, const std::vector<Try>& wanted);
  Status take_in(Template& work, const Try& wanted, Result<Analysis> measured);
  Status run_pair(Template& work, Candidate& candidate, ArmId arm);
  bool needs_pair(const Candidate& candidate, ArmId arm) const;
  // Of the statements where the arm is to take the default's place, which tells most of it next:
  // the fastest not tried; null once enough were.
  Candidate* fastest_unproved(Template& work, ArmId arm) const;
  // Where the arm, hedged, would be longest beside the default; null once enough was measured.
  Candidate* strongest_rival(Template& work, ArmId arm) const;
  // By how much does the arm slow the default beside it?
  Status run_beside(Candidate& candidate, ArmId arm);
  void propose(Template& work);
  void learn(const Candidate& candidate, ArmId arm, const ArmRun& run);
  void tell(const Candidate& candidate, ArmId arm, const Execution& execution);
  Status give_up_on(Candidate& candidate, const Error& error);

  LiveExplorerConfig config_;
  LiveExplorerParts parts_;
  std::map<std::uint64_t, Template> templates_;
  DatabaseState state_;
  double spent_ms_ = 0;
  std::int64_t tries_ = 0;
};

}  // namespace hintd::learning
