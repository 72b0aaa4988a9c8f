// The demo's simulated life of a database: users' statements arrive on a calendar (busy days, quiet
// nights), first under the default alone (baseline), then while hintd explores and serves what it
// has proved (learning), then with what was learned (optimised).
#pragma once

#include <atomic>
#include <functional>

#include "app/progress.h"
#include "app/session.h"
#include "app/upkeep.h"
#include "database/demo/simulation_config.h"
#include "database/demo/workload.h"
#include "learning/explore/live_explorer.h"

namespace hintd::app {

// All owned by the caller. `clock` jumps from arrival to arrival in fast mode and waits otherwise.
struct SimulationParts {
  const database::demo::Workload& workload;
  Session& session;
  Optimizer& optimizer;
  learning::LiveExplorer& explorer;
  Upkeep& upkeep;
  PlanExecutor& executor;
  EventSink& events;
  Clock& clock;
  Clock& real_clock;  // for waiting until a lost server is back
  Progress& progress;
  std::atomic<double>& explore_budget_s;  // as it stands, for other threads
  std::function<Status()> save;           // what was learned, so that a killed run can be resumed
};

class Simulation {
 public:
  Simulation(database::demo::SimulationConfig config, SimulationParts parts,
             InlineExploring inline_exploring, Rng rng);

  // Runs the phases until done or interrupted(). A statement that fails is counted and the life
  // goes on; a server that is away is waited for (back-off, one minute at most).
  Status run();

  std::int64_t failures() const { return failures_; }

 private:
  enum class Phase { kBaseline, kLearning, kOptimised };

  Status run_phase(Phase phase, double share);
  void wait_until(TimePoint next);
  Status serve_one(Phase phase);
  Status explore(double part_of_phase);
  Millis explore_budget(double part_of_phase);
  TimePoint next_arrival();
  Status save_if_due();
  void show(Phase phase, double part_of_phase);

  database::demo::SimulationConfig config_;
  SimulationParts parts_;
  InlineExploring inline_;
  Rng arrivals_;
  Rng traffic_;
  TimePoint start_;
  Stopwatch watch_;
  Stopwatch since_save_;
  std::int64_t served_ = 0;
  std::int64_t failures_ = 0;
  std::vector<double> recent_ms_;  // of this phase, for the live line
  double baseline_mean_ms_ = 0;
  Millis learning_took_{0};  // users' statements
};

}  // namespace hintd::app
