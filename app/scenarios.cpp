#include "app/scenarios.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

namespace hintd::app {
namespace {

constexpr double kBefore = 0.4;  // part of the traffic that is served before the fault
constexpr double kAfter = 1;
constexpr double kExploreSeconds = 20;

// Users' life before the fault: observed, explored, and steered by what level 1 made of it.
Status usual_life(ScenarioRun& run) {
  HINTD_TRY_STATUS(run.serve(kBefore));
  HINTD_TRY_STATUS(run.explore(kExploreSeconds));
  HINTD_TRY_STATUS(run.learn(run.sandbox()));
  return {};
}

learning::PolicyId deployed(ScenarioRun& run) {
  const auto state = run.store().state();
  return state ? state->deployed : learning::kNoPolicy;
}

Status poisoned_policy(ScenarioRun& run) {
  HINTD_TRY_STATUS(usual_life(run));
  const auto good = deployed(run);
  HINTD_TRY(auto worst, run.worst_rules());
  run.progress().say("the worst arm of " + std::to_string(worst.size()) +
                     " templates is put in force past the gate");
  HINTD_TRY_STATUS(run.force(std::move(worst), "poisoned on purpose"));
  run.begin_fault();
  HINTD_TRY_STATUS(run.serve(kAfter));
  run.desk().settle();
  run.expect(run.desk().taken_back().has_value(), "the policy was taken back");
  run.expect(deployed(run) == good, "the last good policy serves again");
  return {};
}

// Says that every run under a hint took a tenth of what it took.
constexpr double kLie = 0.1;
class LyingExecutor final : public PlanExecutor {
 public:
  explicit LyingExecutor(PlanExecutor& honest) : honest_(honest) {}

  Result<Execution> run(std::string_view sql, const HintSet& hint_set, Millis timeout) override {
    auto execution = honest_.run(sql, hint_set, timeout);
    if (execution) execution->latency *= factor(hint_set);
    return execution;
  }
  Result<Analysis> analyze(std::string_view sql, const HintSet& hint_set, Millis timeout) override {
    auto analysis = honest_.analyze(sql, hint_set, timeout);
    if (analysis) analysis->execution.latency *= factor(hint_set);
    return analysis;
  }
  Result<PlanTree> explain(std::string_view sql, const HintSet& hint_set) override {
    return honest_.explain(sql, hint_set);
  }
  Result<DatabaseState> database_state() override { return honest_.database_state(); }

 private:
  static double factor(const HintSet& hint_set) { return hint_set.settings.empty() ? 1 : kLie; }
  PlanExecutor& honest_;
};

Status lying_reward(ScenarioRun& run) {
  LyingExecutor liar(*run.house().explorer_executor);
  run.explore_through(liar);
  HINTD_TRY_STATUS(run.serve(kBefore));
  HINTD_TRY_STATUS(run.explore(kExploreSeconds));
  HINTD_TRY(const auto outcome, run.learn(run.sandbox()));
  // Of an arm as fast as the default the lie says that it saves 1 - kLie. What is deployed must
  // stand on pairs that do not say so.
  const auto& report = outcome.report;
  char found[96];
  std::snprintf(found, sizeof found,
                "honest pairs decided: %.2f of the time saved, not %.2f; %zu templates withdrawn",
                report.saved, 1 - kLie, report.withdrawn.size());
  run.expect(!outcome.deployed || (!report.pairs.empty() && report.saved < 1 - kLie), found);
  run.begin_fault();
  HINTD_TRY_STATUS(run.serve(kAfter));
  run.explore_through(*run.house().explorer_executor);
  return {};
}

Status data_shift(ScenarioRun& run) {
  HINTD_TRY_STATUS(usual_life(run));
  HINTD_TRY_STATUS(run.plan_flips());  // remembers the plans of the old days
  run.begin_fault();
  HINTD_TRY_STATUS(run.serve(kAfter / 4));
  // The most popular products, customers and categories become the rarest; the statistics still
  // tell of the old days, and an index that plans relied on goes.
  run.progress().say("the skew is reversed, statistics are stale, an index is dropped");
  HINTD_TRY_STATUS(
      run.execute("ALTER TABLE order_items SET (autovacuum_enabled = off);"
                  "ALTER TABLE orders SET (autovacuum_enabled = off);"
                  "UPDATE order_items SET product_id = 1 + (SELECT max(product_id) FROM products) "
                  "- product_id;"
                  "UPDATE orders SET customer_id = 1 + (SELECT max(customer_id) FROM customers) - "
                  "customer_id"));
  HINTD_TRY_STATUS(run.execute(
      "DO $$ DECLARE i text; BEGIN SELECT indexname INTO i FROM pg_indexes WHERE tablename = "
      "'order_items' AND indexdef LIKE '%(product_id)%'; EXECUTE 'DROP INDEX ' || quote_ident(i); "
      "END $$"));
  HINTD_TRY_STATUS(run.serve(kAfter / 2));
  HINTD_TRY_STATUS(run.execute("ANALYZE"));
  HINTD_TRY(const auto flips, run.plan_flips());
  run.expect(!flips.empty(), "plan flips were noticed (" + std::to_string(flips.size()) + ")");
  HINTD_TRY_STATUS(run.learn(run.sandbox(), rules_of(flips)));
  HINTD_TRY_STATUS(run.serve(kAfter / 4));
  return {};
}

void damage(const std::filesystem::path& file) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(40);
  bytes << "damaged";
}

Status corrupt_checkpoint(ScenarioRun& run) {
  HINTD_TRY_STATUS(usual_life(run));
  const auto good = deployed(run);
  HINTD_TRY_STATUS(run.force({}, "the one whose file will be damaged"));
  const auto damaged = deployed(run);
  HINTD_TRY_STATUS(run.house().save(damaged));
  char name[32];
  std::snprintf(name, sizeof name, "%06u.json", damaged);
  damage(run.out() / "policies" / name);
  damage(run.out() / "agent.ckpt");
  const auto names = names_of(run.house().catalogue());
  const auto agent =
      learning::DqnAgent::load(run.out() / "agent.ckpt", run.house().settings().agent, names);
  run.expect(!agent && agent.error().kind == ErrorKind::kCorrupt,
             "the damaged checkpoint is refused");
  run.begin_fault();
  HINTD_TRY_STATUS(run.reopen_policies());
  run.expect(deployed(run) == good, "a restart serves the last good policy");
  return run.serve(kAfter);
}

// Restarts the server in the midst of a candidate's pairs.
class RestartingSandbox final : public learning::Sandbox {
 public:
  RestartingSandbox(ScenarioRun& run, int at) : run_(run), left_(at) {}
  Result<Execution> run(const learning::SampledStatement& statement,
                        const Decision& decision) override {
    if (left_-- == 0) HINTD_TRY_STATUS(run_.restart_server());
    return run_.sandbox().run(statement, decision);
  }
  Result<PlannedState> plan(const learning::SampledStatement& statement) override {
    return run_.sandbox().plan(statement);
  }

 private:
  ScenarioRun& run_;
  int left_;
};

Status server_restart(ScenarioRun& run) {
  HINTD_TRY_STATUS(run.serve(kBefore));
  HINTD_TRY_STATUS(run.explore(kExploreSeconds));
  // A small shop may leave nothing to learn: there is something to validate in any case.
  HINTD_TRY(auto candidate, run.worst_rules());
  run.begin_fault();
  RestartingSandbox sandbox(run, 5);
  const auto outcome = run.learn(sandbox, std::move(candidate));
  run.expect(!outcome && outcome.error().kind == ErrorKind::kUnavailable,
             "the validation said that the server was away");
  run.expect(deployed(run) == learning::kNoPolicy, "nothing half proved was deployed");
  HINTD_TRY_STATUS(run.serve(kAfter / 2));
  HINTD_TRY_STATUS(run.learn(run.sandbox()));
  return run.serve(kAfter / 2);
}

// No file of this process grows past `bytes` while it lives: what a full disk looks like to it.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = nullptr;
};

Status full_disk(ScenarioRun& run) {
  HINTD_TRY_STATUS(usual_life(run));
  HINTD_TRY_STATUS(run.house().events->flush());
  run.begin_fault();
  {
    const FullDisk full(64 * 1024);
    HINTD_TRY_STATUS(run.serve(kAfter / 2));
    const auto flushed = run.house().events->flush();
    run.expect(!flushed, "telemetry said that the disk was full");
  }
  HINTD_TRY_STATUS(run.serve(kAfter / 2));
  HINTD_TRY_STATUS(run.house().events->flush());
  const auto counts = run.house().events->counts();
  run.expect(counts.failed_batches > 0, "batches failed and were counted");
  run.expect(counts.dropped == 0, "no event was lost: they waited in the queue");
  return {};
}

Status clock_jump(ScenarioRun& run) {
  HINTD_TRY_STATUS(usual_life(run));
  run.begin_fault();
  run.learn_on_schedule();
  HINTD_TRY_STATUS(run.serve(kAfter / 3));
  const int usual = run.attempts();
  run.progress().say("the clock jumps 400 days ahead");
  run.clock().jump(std::chrono::days(400));
  HINTD_TRY_STATUS(run.serve(kAfter / 3));
  run.progress().say("the clock jumps 700 days back");
  run.clock().jump(-std::chrono::days(700));
  HINTD_TRY_STATUS(run.serve(kAfter / 3));
  // One more for the jump ahead, one less for the period that the jump back began anew.
  run.expect(std::abs(run.attempts() - 3 * usual) <= 3,
             "level 1 made " + std::to_string(run.attempts()) + " attempts, " +
                 std::to_string(usual) + " before the first jump");
  return {};
}

constexpr Scenario kScenarios[] = {
    {"poisoned-policy", "the worst arm of every template is deployed past the gate",
     poisoned_policy},
    {"lying-reward", "the explorer measures every hint as ten times faster than it is",
     lying_reward},
    {"data-shift", "skew reversed, statistics stale, an index dropped, in mid-run", data_shift},
    {"corrupt-checkpoint", "the deployed policy's file and the agent's are damaged, then a restart",
     corrupt_checkpoint},
    {"server-restart", "PostgreSQL restarts in the midst of a validation", server_restart},
    {"full-disk", "telemetry cannot be written for half of the traffic", full_disk},
    {"clock-jump", "the clock jumps 400 days ahead, then 700 back", clock_jump}};

}  // namespace

std::span<const Scenario> scenarios() {
  return kScenarios;
}

}  // namespace hintd::app
