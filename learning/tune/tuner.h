// Tunes a workload offline, within a budget of wall time: runs every statement under the default,
// plans the arms (those that give one plan are one), explores the cells statement x plan with a
// strategy (learning/explore/exploration.h), puts what looks faster to the proof in pairs with the
// default, and says what stands. Everything it learns goes into a plan memory, so that another
// tuner can go on from there.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/plan_executor.h"
#include "core/plan_memory.h"
#include "core/query_template.h"
#include "core/tuned_policy.h"
#include "learning/explore/exploration.h"
#include "learning/tune/trial_pool.h"
#include "learning/tune/tuner_config.h"

namespace hintd::learning {

struct TuneStatement {
  std::string name;  // for people: the file it stands in, its number
  std::string sql;   // one read-only SELECT
  ParsedQuery parsed;
};

enum class Standing {
  kNotReached,  // the budget ended before
  kTooFast,     // nothing to win
  kNoWinner,    // no plan was found faster
  kUnproved,    // one was found, and the pairs did not confirm it, or were not worth their time
  kConfirmed,
  kLeftOut,  // failed, did not end, or has no stable result
};
std::string_view to_string(Standing standing);  // "not reached", "too fast", ...

struct StatementOutcome {
  Standing standing = Standing::kNotReached;
  std::string reason;     // why it was left out or is unproved; may be empty
  double default_ms = 0;  // 0: not measured
  double found_ms = 0;    // the fastest run found while exploring; the default's where none was
  std::size_t plans = 0;  // different ones among the arms; 0: not planned
  int tried = 0;          // plans that were run, the default's included
  std::string hint;       // confirmed, else the fastest found; empty: the default
};

// Workload latency as known after some exploring: the points of a curve.
struct ExplorationPoint {
  double charge_s = 0;
  double workload_s = 0;  // sum of the best latencies fully observed
};

struct TuneTimes {  // wall time so far
  Millis defaults{0}, planning{0}, exploring{0}, confirming{0};
  Millis total() const { return defaults + planning + exploring + confirming; }
};

struct TunerParts {
  const HintCatalogue& catalogue;
  PlanExecutor& executor;
  PlanMemory& memory;  // what is known already, and where what is learned goes
  // Further connections: trials run side by side on these and the executor. Defaults and proofs run
  // alone, on the executor.
  std::vector<PlanExecutor*> beside = {};
};

// Not thread-safe.
class Tuner {
 public:
  enum class Stage { kMeasure, kPlan, kExplore, kConfirm, kSpread, kDone };

  // No two statements may be the same (fingerprint and literals).
  Tuner(TunerConfig config, TunerParts parts, std::vector<TuneStatement> statements, Rng rng);
  ~Tuner();

  // Does one thing: a run, a planning, a pair. False when nothing is left that is worth doing, or
  // the budget is used. Fails with kUnavailable when the server is away: it may be called again.
  Result<bool> step();

  Stage stage() const { return stage_; }
  const TuneTimes& times() const { return times_; }
  // Time of the statements measured so far, under the default and under the best plan known.
  Millis default_total() const;
  Millis best_total() const;
  std::size_t measured() const;

  const std::vector<TuneStatement>& statements() const { return statements_; }
  std::vector<StatementOutcome> outcomes() const;
  const std::vector<ExplorationPoint>& curve() const { return curve_; }
  // Templates and hint sets; when and on what it was measured is the caller's to say.
  TunedPolicy policy() const;

 private:
  struct Work;

  Millis left() const { return config_.budget - times_.total(); }
  // Each does one thing, or goes on to the next stage.
  Status measure();
  Status plan();
  Status explore();
  Status confirm();
  Status spread();

  Status run_default(Work& work);
  Status plan_arms(Work& work);
  void start_exploring();
  Millis confirmation_reserve() const;
  void start_trials();
  void start(const Trial& trial);
  Status end_trial();
  void take_in(const Trial& trial, const Result<Execution>& run);
  // Plan / default, of the group under proof or to be proved next.
  double likely_ratio(const Work& work) const;
  // What its proof still takes, in executions of its default; infinity: few pairs cannot do it.
  double proof_cost(const Work& work) const;
  Work* next_to_prove();
  void next_candidate(Work& work);
  // The ratio of a pair, for the test of the group under proof.
  void judge(Work& work, double ratio);
  // A pair of the default and the group, added to the evidence.
  Status run_pair(Work& work, std::size_t group);
  Status run_side(Work& work, std::size_t group, Millis limit, std::optional<Execution>& side);

  using Works = std::vector<Work*>;
  Works template_works(std::uint64_t fingerprint) const;
  ArmId leading_arm(const Works& works) const;
  enum class Holds { kYes, kNo, kUnknown };
  // Is the arm no slower than the default for the statement?
  Holds holds(const Work& work, ArmId arm) const;
  bool proved_on_all(const Works& works, ArmId arm) const;
  TunedStatement evidence_of(const Work& work) const;
  MeasuredPlan plan_of(const Work& work, const std::vector<HintSet>& sets) const;
  // Runs the call and charges what it took.
  template <class Call>
  auto timed(Millis& account, Call&& call);

  TunerConfig config_;
  TunerParts parts_;
  std::vector<TuneStatement> statements_;
  Rng rng_;
  Stage stage_ = Stage::kMeasure;
  std::vector<std::unique_ptr<Work>> works_;  // as the statements
  TuneTimes times_;
  DatabaseState state_;
  PairNoise noise_;
  ExplorationProblem problem_;
  std::vector<Work*> explored_;  // by query of the problem
  std::unique_ptr<Strategy> strategy_;
  std::unique_ptr<TrialPool> pool_;
  std::vector<Trial> lost_;  // to an outage; they are run again
  std::vector<ExplorationPoint> curve_;
  std::set<std::uint64_t> spread_;  // templates for which the question is settled
};

}  // namespace hintd::learning
