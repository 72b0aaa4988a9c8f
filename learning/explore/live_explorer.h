// Looks for faster plans on a live database, off the users' path: it re-runs statements that
// traffic brought, on its own connection, each try under a timeout. Of all templates it does next
// what promises most seconds won per second spent, counted over the template's executions:
//   search  plan every arm of a slow statement (arms that give one plan are one), or run a plan of
//           it;
//   verify  propose a rule, run each of its arms and the default one after the other on the slowest
//           statement, compare the results, measure what the two lose side by side, and propose
//           again until the rule stands;
// and nothing more where too little is promised, until traffic brings a slow statement that is new.
// What a plan promises comes from level 0 (the agent's heads) and from the template's other
// statements. Every try is evidence for the plan memory, a transition for the agent, and an event
// for telemetry.
#pragma once

#include <map>
#include <optional>
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
  struct Candidate {
    std::string sql;
    StatementEvidence* evidence;
    std::int64_t default_blocks = 0;
    bool failed = false;
  };
  struct Try {
    Candidate* candidate = nullptr;
    ArmId arm = kDefaultArm;
    double timeout_ms = 0;
    double score = 0;
  };
  struct Step {
    enum class Kind { kNothing, kPlan, kDefault, kTry, kPropose, kVerify };
    Kind kind = Kind::kNothing;
    double score = 0;  // seconds won in each execution per second that the step takes
    Candidate* candidate = nullptr;
    std::vector<Try> tries = {};
  };
  struct Template {
    std::uint64_t fingerprint = 0;
    std::vector<Candidate> pool;
    double executions = 0;     // by traffic
    std::optional<Step> next;  // nothing: to be looked for
    double proposed_gain = 0;  // known_gain as of the last proposal that was settled
    int proposals = 0;         // made since then; above 0: the last is being verified
    TemplateRule proposal;
  };

  // False where the newcomer is no slower than any that may go.
  bool make_room(Template& work, Millis latency);
  // live_explorer_next.cpp
  Step next_step(Template& work) const;
  // Part of the searched statements' time that their fastest known plans save.
  double known_gain(const Template& work) const;
  // What is to be hoped of a statement not yet searched, as part of its time.
  double hope(const std::vector<Candidate*>& pool, const Candidate& candidate) const;
  Status take(Template& work, const Step& step);
  Status verify(Template& work);
  // By arm of the proposal, the slowest statement that it would run.
  std::map<ArmId, Candidate*> slowest_by_arm(Template& work) const;
  std::vector<Candidate*> search_pool(Template& work) const;
  // The best one, or the best of different arms: as many as may run at once.
  std::vector<Try> best_tries(const std::vector<Candidate*>& pool) const;
  Status plan(Candidate& candidate);
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
  void tell(const Candidate& candidate, ArmId arm, const Analysis& measured);
  QueryObserved observed(const Candidate& candidate, ArmId arm, const Execution& execution) const;
  Status give_up_on(Candidate& candidate, const Error& error);

  LiveExplorerConfig config_;
  LiveExplorerParts parts_;
  std::map<std::uint64_t, Template> templates_;
  double spent_ms_ = 0;
  std::int64_t tries_ = 0;
};

}  // namespace hintd::learning
