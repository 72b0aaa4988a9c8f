// Proves a candidate before it serves anybody, in four stages:
//   1. off-policy: what telemetry says the candidate would have done (off_policy.h). Without
//      support there is no claim, and the pairs have to decide; a claimed loss ends it;
//   2. pins: statements that regressed once and were mended may not regress again: a template of
//      which one does keeps what the deployed policy gives it;
//   3. templates: each template that gets an arm must itself be no slower, median of three pairs,
//      the most time first; one that is, or for which no time is left, keeps what the deployed
//      policy gives it. One pair suffices beside three that the explorer made, and of an arm that
//      is hedged everywhere: there it shows that the rows are the same. Of those that save a tenth,
//      what can be proved in the time left goes on (provable_part.h); the others wait for a later
//      attempt;
//   4. pairs: default, deployed policy and candidate in turn in the sandbox, on statements that the
//      candidate treats otherwise than the deployed policy, drawn in proportion to their time,
//      until bounds that hold under peeking (core/confidence_sequence.h) decide, or so many pairs
//      saved too little on average that more are not worth their time. The default is stopped at
//      about four times the candidate's time: that understates what is saved, and a proof of what
//      is ten times faster takes half as long. A template that turns out slower, or hardly faster,
//      is left out, and the rest proved anew, at half the error.
// A hedged choice (core/policy.h) is another one than the default only for statements that take
// longer than its patience: it is tried on those alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/logged_run.h"
#include "core/plan_executor.h"
#include "core/plan_memory.h"
#include "core/policy.h"
#include "learning/policy/level1_config.h"
#include "learning/policy/off_policy.h"
#include "learning/policy/pair_bounds.h"
#include "learning/policy/paired_runs.h"
#include "learning/policy/statement_sample.h"

namespace hintd::learning {

// A statement whose regression under an arm was found and mended.
struct PinnedQuery {
  std::uint64_t fingerprint = 0;
  PlanMemory::StatementId statement = 0;
  std::string arm;  // of the catalogue
  std::string why;
};

struct ValidationReport {
  bool passed = false;
  std::string stage;  // "off_policy", "templates", "pairs"; where it ended
  std::string why;    // one line
  OffPolicyEstimate off_policy;
  int pins_checked = 0;
  std::vector<PairResult> pairs;
  // Templates that were faster by themselves: of those that get an arm, what passed.
  std::vector<std::uint64_t> tried;          // sorted
  std::vector<std::uint64_t> withdrawn;      // that were slower
  std::vector<std::uint64_t> too_little;     // that were no slower, and hardly faster
  std::vector<std::string> regressed_again;  // pinned statements: one line each
  std::optional<std::uint64_t> blamed;       // the template that ended it, where one did
  // The time ended before the pairs proved or refuted it: more of them may (resume).
  bool undecided = false;
  std::optional<PairBounds> bounds;  // where it came to the pairs
  std::size_t first_deciding = 0;    // of `pairs`
  int deciding = 0;                  // pairs of that stage, failed ones included
  double saved_lower = 0;            // over the default, part of its time on the changed statements
  double saved = 0;
  double over_deployed_lower = 0;  // the same over the deployed policy
  double over_deployed = 0;
  double spent_s = 0;
  std::vector<PinnedQuery> regressed;  // found while pairing: to be pinned
};

struct ValidationParts {
  const HintCatalogue& catalogue;
  const PlanMemory& memory;
  const StatementSample& sample;
  std::span<const LoggedRun> held_out;  // users' runs that the candidate was not learned from
  std::span<const PinnedQuery> pins;
  Sandbox& sandbox;
};

class PolicyValidator {
 public:
  PolicyValidator(Level1Config config, ValidationParts parts, Rng rng);

  // Fails with kUnavailable where the server is away; a statement that fails is left out.
  Result<ValidationReport> validate(const Policy& candidate, const Policy& deployed);
  // Goes on with the pairs of an undecided validation of the same two, as though there had been no
  // break. The report is of both, but for `spent_s` and `regressed`.
  Result<ValidationReport> resume(ValidationReport begun, const Policy& candidate,
                                  const Policy& deployed);

 private:
  bool off_policy(const Policy& candidate, ValidationReport& report) const;
  Status pins(const Policy& candidate, ValidationReport& report);
  Result<std::vector<ChangedStatement>> changed(const Policy& candidate, const Policy& deployed);
  Result<Decision> decide(const Policy& policy, const SampledStatement& statement);
  // Leaves those whose template was no slower.
  Result<std::vector<ChangedStatement>> templates(std::vector<ChangedStatement> changed,
                                                  ValidationReport& report);
  enum class TemplateVerdict : std::uint8_t { kFaster, kSlower, kOtherRows, kFailed };
  bool paired_before(const std::vector<ChangedStatement>& statements) const;
  bool measured_beside(const std::vector<ChangedStatement>& statements) const;
  Result<TemplateVerdict> try_template(const std::vector<ChangedStatement>& statements,
                                       ValidationReport& report);
  Status pairs(std::vector<ChangedStatement> changed, ValidationReport& report);
  std::string other_rows(const PairResult& pair) const;
  // Is the last pair's template too slow in all its pairs, or hardly faster? Then it goes no
  // further.
  bool left_out_now(ValidationReport& report) const;

  bool over_budget() const { return watch_.elapsed() > Seconds(config_.sandbox_budget_s); }

  Level1Config config_;
  ValidationParts parts_;
  PairedRuns runs_;
  Rng rng_;
  Stopwatch watch_;
};

// Runs as the estimator wants them: what the model (the plan memory) expects of the logged arm and
// of the policy's. Runs of templates without a measured default are left out, as are those whose
// literals would decide and are not known, and hedged ones. A choice with patience is what the
// model says it costs: no logged run is like it.
std::vector<OffPolicySample> off_policy_samples(std::span<const LoggedRun> runs,
                                                const PlanMemory& memory, const Policy& policy);

}  // namespace hintd::learning
