// What becomes of what was measured: every hour of the calendar level 1 makes a candidate and
// proves it before it serves, what safety convicted is taken back for good, and every day what runs
// is held against an anchor. The demo and `hintd serve` live by the same one, each on its own
// clock. One thread's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "app/policy_desk.h"
#include "app/proposals.h"
#include "app/sandbox.h"
#include "app/wiring.h"
#include "core/jobs.h"

namespace hintd::app {

class Upkeep {
 public:
  struct Options {
    std::string dsn;
    std::filesystem::path folder;  // of the run: versions are kept beneath it
    safety::PolicySpec spec;       // the governance file
    std::string mode = "steer";    // as the governance file is asked
    std::string sandbox_role;      // see PairSandbox::open
    bool fresh = false;            // forgets versions and anchors of earlier runs
    learning::Connections connections = learning::Connections::kTwo;  // of a user's session
  };
  // Puts in force what is deployed. Fails as its parts do, and with kConflict where the governance
  // file does not allow the mode. House, clocks must outlive it; `clock` is the calendar's.
  static Result<std::unique_ptr<Upkeep>> open(House& house, Options options, Clock& clock,
                                              Clock& real_clock);

  // A user's statement; `default_ms` 0 where it did not run under the default alone.
  void hear(std::string_view sql, const ParsedQuery& parsed, double default_ms);

  // Runs off the users' path, exploring and proving, may have taken `allowed` together by now: may
  // the explorer go on? It waits while an attempt has gone ahead of that.
  bool may_explore(Millis allowed) const;

  // Takes back for good what safety convicted, and follows what others deployed.
  void settle();
  // What keeps policies from being followed or learned, as of the last time; empty: nothing.
  std::string trouble() const;
  // settle(), and what is due by the calendar.
  void run_due(Millis allowed);

  // While it answers true an attempt ends as though the server were away. Asked between runs.
  void stop_when(std::function<bool()> stopping) { stopping_ = std::move(stopping); }
  // From any thread: ends the run that an attempt is at, if one is.
  void cancel() noexcept { sandbox_->cancel(); }

  // An attempt of level 1, whatever the hour and its share. Fails as learn_policy.
  Result<LearnOutcome> learn();
  // The last attempts there will be, whatever the hour and their share: what is not proved now
  // never is. They end when there is nothing new, or no time left; one that fails is told to the
  // log.
  void learn_last();
  // Deploys an approved version; what its arms are to be measured by is run in `sandbox` first, as
  // far as it is not known.
  Status deploy(learning::PolicyId id, const std::string& actor, const std::string& why,
                learning::Sandbox& sandbox);
  // Rules that the next attempt tries beside what was learned.
  void propose(TemplateRules proposals) { proposals_ = std::move(proposals); }
  // Where candidates are tried from now on; it must outlive this.
  void try_in(learning::Sandbox& sandbox) { sandbox_in_use_ = &sandbox; }

  PolicyDesk& desk() { return *desk_; }
  learning::PolicyStore& store() { return store_; }
  learning::Sandbox& sandbox() { return *sandbox_; }
  const learning::StatementSample& sample() const { return sample_; }
  Jobs& jobs() { return jobs_; }
  int attempts() const { return attempts_; }
  // A daemon that starts anew on the same folder.
  Status reopen_desk();

 private:
  static constexpr const char* kDailyAnchor = "first-day";
  // An attempt begins when so much of its share is there: in less it would prove nothing.
  static constexpr Seconds kLeastBudget{15};
  // All of learn_last() together: people wait for it. Or this part of all that was allowed.
  static constexpr Seconds kLastBudget{25};
  static constexpr double kLastShare = 1.0 / 6;

  Upkeep(House& house, Options options, learning::PolicyStore store,
         std::unique_ptr<PairSandbox> sandbox, Clock& clock);
  Status check_mode() const;
  // What the governance file forbids of rules.
  Forbidden forbidden() const;
  Status learn_if_affordable();
  Result<LearnOutcome> learn_within(Seconds budget);
  // Pins the first day's latencies as anchor kDailyAnchor, and each day later tells telemetry
  // ("anchor") how many templates have drifted or regressed since.
  Status look_at_anchor();
  void recall();
  Result<std::vector<LoggedRun>> telemetry_since(TimePoint since);
  Result<std::vector<LoggedRun>> telemetry_since_deployment();

  House& house_;
  Options options_;
  Clock& clock_;
  GovernanceDesk governance_;
  learning::PolicyStore store_;
  std::unique_ptr<PairSandbox> sandbox_;
  learning::Sandbox* sandbox_in_use_;
  learning::StatementSample sample_;
  std::unique_ptr<PolicyDesk> desk_;
  Jobs jobs_;
  Schedule follow_;
  TemplateRules proposals_;
  std::optional<BegunProof> begun_;
  std::function<bool()> stopping_;
  Rng rng_;
  std::string not_followed_;
  Millis allowed_{0};
  Seconds spent_{0};  // in the sandbox
  int attempts_ = 0;
};

}  // namespace hintd::app
