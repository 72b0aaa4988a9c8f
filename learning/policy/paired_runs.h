// Runs of default, deployed policy and candidate of one statement in turn, in the sandbox. Where
// they decide, the default may be stopped: slow statements are what proofs wait for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/plan_executor.h"
#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/statement_sample.h"

namespace hintd::learning {

// Runs statements as users' sessions would, in the sandbox. Implemented by app.
class Sandbox {
 public:
  virtual ~Sandbox() = default;
  // End to end, deadline and re-run included; the default is stopped at its deadline (0: none) and
  // answers timed_out. Fails as PlanExecutor::run.
  virtual Result<Execution> run(const SampledStatement& statement, const Decision& decision) = 0;
  virtual Result<PlannedState> plan(const SampledStatement& statement) = 0;
};

// One paired run, for the plan memory and for people.
struct PairResult {
  std::uint64_t fingerprint = 0;
  std::vector<std::uint64_t> literals;
  ArmId arm = kDefaultArm;  // the candidate's
  Millis joined_after{0};   // its patience where it joined in: then candidate_ms is what both take
  double default_ms =
      0;  // or less, where it was stopped; so is deployed_ms, where that is the same
  double deployed_ms = 0;
  double candidate_ms = 0;
  bool same_rows = true;  // as many under the candidate as under the default, as far as it ended
};

// A statement that the candidate treats otherwise than the deployed policy.
struct ChangedStatement {
  const SampledStatement* statement;
  Decision candidate;
  Decision deployed;
  double weight;  // its part of the traffic's time
};

// What the candidate saves over the deployed policy, as pairs that decide count it.
double saving_of(const PairResult& pair);

class PairedRuns {
 public:
  // `min_improvement` as in Level1Config; `memory` says what candidates should take, and must
  // outlive this, as must the sandbox.
  PairedRuns(double min_improvement, const PlanMemory& memory, Sandbox& sandbox)
      : min_improvement_(min_improvement), memory_(memory), sandbox_(sandbox) {}

  enum class Default : std::uint8_t { kWhole, kStopped };  // stopped where it says little more
  // Nothing where a side failed; kUnavailable where the server is away. The order turns with
  // `number`.
  Result<std::optional<PairResult>> run(const ChangedStatement& changed, int number,
                                        Default run_default);

  // The pair of a whole default as it had been with the default stopped.
  PairResult as_stopped(PairResult pair) const;

 private:
  // Times the candidate's time.
  double enough_slower() const;
  Millis expected(const ChangedStatement& changed) const;

  double min_improvement_;
  const PlanMemory& memory_;
  Sandbox& sandbox_;
};

}  // namespace hintd::learning
