// A life of the shop's database in which something goes wrong on purpose, and what that cost.
//
// Every statement is served as the daemon serves it (app/session, safety, the policy desk). A run
// under a hint is followed by one of the same statement under the default, outside the traffic, so
// that what was lost is measured and not guessed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/demo_database.h"
#include "app/plan_flip.h"
#include "app/upkeep.h"
#include "database/demo/workload.h"

namespace hintd::app {

// A calendar that can be set forward and back, as an administrator or a bad time server does.
class JumpingClock final : public Clock {
 public:
  explicit JumpingClock(TimePoint start) : calendar_(start) {}
  TimePoint now() const override { return calendar_.now() + offset_.load(); }
  void wait_until(TimePoint until) override { calendar_.wait_until(until - offset_.load()); }
  void jump(std::chrono::microseconds by) { offset_ = offset_.load() + by; }

 private:
  SimulatedClock calendar_;
  std::atomic<std::chrono::microseconds> offset_{std::chrono::microseconds(0)};
};

struct ScenarioFigures {
  std::int64_t queries = 0;  // users' statements, from the fault on
  std::int64_t failed_queries = 0;
  double default_ms = 0;  // what all of them take under the default
  double lost_ms = 0;     // sum over runs under hints of what they took longer than that
  double won_ms = 0;      // and of what they took less
  std::map<std::uint64_t, int> slow_runs;              // by template
  std::optional<std::int64_t> rolled_back_after_runs;  // under hints, from the fault on

  int most_slow_runs() const;
};

class ScenarioRun {
 public:
  struct Options {
    config::Settings settings;
    HintCatalogue catalogue;
    safety::PolicySpec spec;
    std::filesystem::path out;
  };
  // Loads the shop into the database. The progress and the database must outlive the run.
  static Result<std::unique_ptr<ScenarioRun>> open(Options options, DemoDatabase& database,
                                                   Progress& progress);

  // Serves a part of the configured traffic (simulation.duration_days * queries_per_hour); 1: all.
  Status serve(double part);
  // Lets the explorer work, and level 1 make the first policy of what it finds.
  Status explore(double seconds);
  // `proposals`: rules to be tried beside what was learned.
  Result<LearnOutcome> learn(learning::Sandbox& sandbox, TemplateRules proposals = {});
  // Looks at the default plans of the sampled statements; the first time only remembers them.
  Result<std::vector<PlanFlip>> plan_flips();
  // Puts rules in force as though they had passed: what a fault in the gate itself would do.
  Status force(TemplateRules rules, const std::string& why);
  // For each template of the traffic the plan that was slowest of all hint sets' on one statement.
  Result<TemplateRules> worst_rules();
  // From here on level 1 makes an attempt every level1.every_s of the calendar while serving.
  void learn_on_schedule() {
    on_schedule_ = true;
    attempts_before_ = upkeep_->attempts();
  }
  int attempts() const { return upkeep_->attempts() - attempts_before_; }  // since then
  Status execute(const std::string& sql);
  Status restart_server() { return database_.restart(); }

  // From here on figures count, hints are steered by what is deployed.
  void begin_fault();
  // What must hold in the end, for the report.
  void expect(bool holds, const std::string& what);
  Status check_loss();

  House& house() { return *house_; }
  PolicyDesk& desk() { return upkeep_->desk(); }
  learning::PolicyStore& store() { return upkeep_->store(); }
  learning::Sandbox& sandbox() { return upkeep_->sandbox(); }
  JumpingClock& clock() { return clock_; }
  Progress& progress() { return progress_; }
  const ScenarioFigures& figures() const { return figures_; }
  const std::filesystem::path& out() const { return options_.out; }
  struct Expectation {
    std::string what;
    bool holds;
  };
  const std::vector<Expectation>& expectations() const { return expectations_; }
  // Replaces the explorer's executor: for what lies about what it measured.
  void explore_through(PlanExecutor& executor);
  // A daemon that starts anew on the same folder.
  Status reopen_policies() { return upkeep_->reopen_desk(); }

 private:
  ScenarioRun(Options options, DemoDatabase& database, Progress& progress);
  Status build();
  Status load();
  Status serve_one();
  void account(const Statement& statement, const Served& served);

  Options options_;
  DemoDatabase& database_;
  Progress& progress_;
  JumpingClock clock_;
  SystemClock real_;
  std::optional<database::demo::Workload> workload_;
  std::unique_ptr<House> house_;
  std::unique_ptr<Upkeep> upkeep_;
  std::unique_ptr<learning::LiveExplorer> explorer_;
  std::unique_ptr<database::PgExecutor> beside_;  // for what the default would have taken
  safety::PlanWatch plans_;
  bool on_schedule_ = false;
  int attempts_before_ = 0;
  Rng traffic_;
  bool counting_ = false;
  std::int64_t hinted_runs_ = 0;
  ScenarioFigures figures_;
  std::vector<Expectation> expectations_;
};

}  // namespace hintd::app
