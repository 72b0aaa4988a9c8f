// Policy versions on disk, which of them serves, and who decided so.
//
//   000007.json   one version, never changed
//   state.json    what each may do, what is deployed; replaced whole
//   audit.jsonl   one line for every decision, written before it takes effect
//
// A process that is killed at any point leaves the last whole state; a decision that was announced
// in the audit log but did not take effect is marked there when the store is next opened. Several
// processes may use one store: each operation holds its lock and reads the state anew. Not
// thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/hint_set.h"
#include "core/result.h"
#include "learning/policy/policy_version.h"
#include "learning/policy/store_state.h"

namespace hintd::learning {

struct AuditLine {
  std::int64_t line = 0;
  TimePoint time;
  std::string actor;   // "learner", "safety", or a user's name
  std::string action;  // "add", "approve", ...
  PolicyId policy = kNoPolicy;
  std::string detail;
};

class PolicyStore {
 public:
  // Makes the folder where there is none. `server` says which database's policies these are; empty:
  // whatever the store, which must be there, says. The catalogue and the clock must outlive it.
  // kConflict for another database's store.
  static Result<PolicyStore> open(std::filesystem::path folder, std::string server,
                                  const HintCatalogue& catalogue, const Clock& clock);

  Result<StoreState> state() const;
  // kNotFound for an unknown id; else as policy_from. kNoPolicy has no rules.
  Result<PolicyVersion> load(PolicyId id) const;
  std::vector<AuditLine> audit() const;

  // Numbers and keeps a version, unapproved. Its id, parent, time and server are set here.
  Result<PolicyId> add(PolicyVersion policy, const std::string& actor);
  // A version that was exported here, as a new one. kConflict for another server's.
  Result<PolicyId> import(std::string_view text, const std::string& name, const std::string& actor);

  // All fail with kNotFound for an unknown id, kConflict when the version's state forbids it.
  Status approve(PolicyId id, const std::string& actor, const std::string& why);
  Status reject(PolicyId id, const std::string& actor, const std::string& why);
  Status ban(PolicyId id, const std::string& actor, const std::string& why);
  // From now on it serves. Rejecting or banning what serves deploys what served before.
  Status deploy(PolicyId id, const std::string& actor, const std::string& why);
  // Deploys it and keeps it deployed; kNoPolicy pins PostgreSQL's own planner.
  Status pin(PolicyId id, const std::string& actor);
  Status unpin(const std::string& actor);
  // Rejects what is deployed and deploys the last one before it that is still allowed, else
  // kNoPolicy; answers it. A pin does not hold against it. kConflict when nothing is deployed.
  Result<PolicyId> roll_back(const std::string& actor, const std::string& why);

  // Something that was decided about a policy without changing it.
  Status note(const std::string& actor, const std::string& action, PolicyId id,
              const std::string& detail);

 private:
  PolicyStore(std::filesystem::path folder, std::string server, const HintCatalogue& catalogue,
              const Clock& clock);

  std::filesystem::path file_of(PolicyId id) const;
  Result<StoreState> read_state() const;
  Status write_state(const StoreState& state) const;
  Status write_audit(StoreState& state, const std::string& actor, const std::string& action,
                     PolicyId id, const std::string& detail);
  Status adopt_server();
  Status mend();
  // Reads the state, lets `change` alter it, and keeps it with a line in the audit log.
  template <class Change>
  Status decide(const std::string& actor, const std::string& action, PolicyId id,
                const std::string& detail, Change change);

  std::filesystem::path folder_;
  std::string server_;
  const HintCatalogue* catalogue_;
  const Clock* clock_;
};

}  // namespace hintd::learning
