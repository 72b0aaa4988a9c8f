// Where policies change hands: the store's versions come into force here, level 1 makes new ones,
// and safety takes bad ones back. One thread owns the desk; any thread may take a policy back.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/optimizer.h"
#include "learning/policy/policy_learner.h"
#include "learning/policy/policy_store.h"
#include "learning/policy/policy_validator.h"
#include "safety/supervisor.h"

namespace hintd::app {

// Why the governance file forbids a choice of a template's rule; empty where it does not.
using Forbidden = std::function<std::string(std::uint64_t fingerprint, const TemplateRule& rule,
                                            const RunChoice& choice)>;

// All must outlive the desk.
struct PolicyDeskParts {
  learning::PolicyStore& store;
  const HintCatalogue& catalogue;
  Optimizer& optimizer;
  safety::Supervisor& supervisor;
  EventSink& events;
  const Clock& clock;
  // Makes a policy of rules; the wiring adds what unseen templates get.
  std::function<std::shared_ptr<const Policy>(std::uint32_t, TemplateRules)> make_policy;
  // Rules that it names give way to the default when a version comes into force; empty: none do.
  Forbidden forbidden = {};
};

class PolicyDesk {
 public:
  // From here on the supervisor's verdicts come to this desk.
  explicit PolicyDesk(PolicyDeskParts parts);

  // Puts in force what the store says is deployed. Where that cannot be read (a damaged file) it is
  // rolled back, and what served before comes into force.
  Status restore();

  // Deploys an approved version, in the store and in the optimizer.
  Status deploy(learning::PolicyId id, const std::string& actor, const std::string& why);

  // From any thread, without I/O: if that version is in force, no decision uses it from here on.
  void take_back(std::uint32_t version, const std::string& why);

  // Keeps in the store what was taken back since the last call, and puts the last good version in
  // force.
  void settle();

  // Puts in force what another process, such as `hintd policy rollback`, has deployed since.
  Status follow();

  // PostgreSQL's own planner from a rollback until settle().
  learning::PolicyId in_force() const;

  // When and what was taken back last, for reports.
  struct TakenBack {
    std::uint32_t version = 0;
    std::string why;
  };
  std::optional<TakenBack> taken_back() const;

 private:
  void put_in_force(std::uint32_t version, TemplateRules rules);
  Status keep(const TakenBack& taken);

  PolicyDeskParts parts_;
  mutable std::mutex mutex_;  // of all below
  learning::PolicyId in_force_ = learning::kNoPolicy;
  std::optional<TakenBack> taken_back_;
  bool settled_ = true;  // the store knows of it
};

// What the run's folder says is deployed; version 0, without rules, where nothing ever was. For
// those who only look. Fails as the store does.
Result<learning::PolicyVersion> deployed_in(const std::filesystem::path& folder,
                                            const HintCatalogue& catalogue);

// What level 1 works with; all of it must outlive the call.
struct LearnParts {
  learning::PolicyStore& store;
  const HintCatalogue& catalogue;
  const Clock& clock;
  std::function<std::shared_ptr<const Policy>(std::uint32_t, TemplateRules)> make_policy;
};
// A candidate whose time ended before it was proved or refuted.
struct BegunProof {
  learning::PolicyId parent = learning::kNoPolicy;
  TemplateRules rules;
  learning::ValidationReport report;
};

struct Level1Parts {
  const learning::Level1Config& config;
  const learning::RuleLearner& rules;
  PlanMemory& memory;  // learns from the pairs
  const learning::StatementSample& sample;
  std::vector<LoggedRun> telemetry;  // since the deployed policy was made
  std::filesystem::path pins;
  std::string hyperparameters;  // JSON
  Forbidden forbidden;
  learning::Connections connections = learning::Connections::kTwo;
  // Rules to be tried beside what was learned: old plans that a plan flip took away.
  TemplateRules proposals = {};
  // Goes on with this one, unless something else is deployed or proposed by now.
  std::optional<BegunProof> begun = {};
};

struct LearnOutcome {
  learning::PolicyId id = learning::kNoPolicy;  // the version that was made; none: nothing new
  bool deployed = false;
  std::string why;
  learning::ValidationReport report;
  std::optional<BegunProof> begun;  // for the next attempt

  // "nothing new", "policy 3 deployed", "policy 3 rejected"
  std::string text() const;
};

// One attempt of level 1: a candidate is made, proved in the sandbox, and deployed (through
// `deploy`, approved) or rejected. Fails when the server is away or the store cannot be written;
// what serves then stays.
Result<LearnOutcome> learn_policy(
    const LearnParts& parts, Level1Parts level1, learning::Sandbox& sandbox, Rng rng,
    const std::string& actor,
    const std::function<Status(learning::PolicyId, const std::string& why)>& deploy);

}  // namespace hintd::app
