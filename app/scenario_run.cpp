#include "app/scenario_run.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "app/interrupt.h"
#include "database/demo/shop_setup.h"
#include "database/postgres/retry.h"

namespace hintd::app {
namespace {

constexpr TimePoint kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);
constexpr double kSlowRatio = 1.2;
constexpr double kSlowMs = 1;  // less is a machine's hiccup
constexpr double kMostLost = 0.02;
constexpr Millis kEnough{1e12};        // time off the users' path: the figures are what counts here
constexpr double kWorstPlanLimit = 5;  // times the default: slower is slow enough to be the worst

}  // namespace

int ScenarioFigures::most_slow_runs() const {
  int most = 0;
  for (const auto& [fingerprint, runs] : slow_runs) most = std::max(most, runs);
  return most;
}

ScenarioRun::ScenarioRun(Options options, DemoDatabase& database, Progress& progress)
    : options_(std::move(options)),
      database_(database),
      progress_(progress),
      clock_(kStart),
      traffic_(Rng(options_.settings.workload.seed).split("scenario")) {}

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::open(Options options, DemoDatabase& database,
                                                       Progress& progress) {
  std::unique_ptr<ScenarioRun> run(new ScenarioRun(std::move(options), database, progress));
  HINTD_TRY_STATUS(run->load());
  HINTD_TRY_STATUS(run->build());
  return run;
}

Status ScenarioRun::load() {
  // An earlier scenario may have changed the data in ways that a check of the shop does not see.
  if (database_.is_private())
    HINTD_TRY_STATUS(execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"));
  database::demo::SetupOptions setup;
  setup.recipe = options_.settings.shop;
  setup.replace = database_.is_private();
  setup.stopping = interrupted;
  HINTD_TRY_STATUS(database::demo::setup_shop(
      database_.dsn(), setup,
      [&](const auto& phase, double part) { progress_.update(bar(part) + " loading: " + phase); }));
  HINTD_TRY(workload_,
            database::demo::Workload::create(database_.dsn(), options_.settings.workload));
  return {};
}

Status ScenarioRun::build() {
  const auto& settings = options_.settings;
  HINTD_TRY(house_,
            House::build({settings, options_.catalogue, database_.dsn(), options_.out, false},
                         clock_, real_));
  RunStarted event;
  event.time = clock_.now();
  event.command = "scenario";
  event.seed = settings.workload.seed;
  event.scale = settings.shop.scale;
  event.configuration = config::to_json(settings);
  event.arms = names_of(options_.catalogue);
  house_->events->record(std::move(event));
  HINTD_TRY(const auto role,
            sandbox_role_for(settings.level1, database_.dsn(), database_.is_private()));
  Upkeep::Options upkeep{database_.dsn(), options_.out, options_.spec, "steer", role, true};
  HINTD_TRY(upkeep_, Upkeep::open(*house_, std::move(upkeep), clock_, real_));
  upkeep_->stop_when(interrupted);
  HINTD_TRY(beside_, database::PgExecutor::connect({database_.dsn()}));
  explore_through(*house_->explorer_executor);
  return {};
}

void ScenarioRun::explore_through(PlanExecutor& executor) {
  explorer_ = std::make_unique<learning::LiveExplorer>(
      options_.settings.explorer,
      learning::LiveExplorerParts{house_->catalogue(), executor, *house_->beside_executor,
                                  *house_->rules, options_.settings.agent, *house_->agent,
                                  house_->memory, *house_->events, clock_});
}

Status ScenarioRun::serve(double part) {
  const auto& simulation = options_.settings.simulation;
  const double all = simulation.duration_days * 24 * simulation.queries_per_hour;
  const auto wanted = static_cast<std::int64_t>(part * all);
  const auto gap = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::duration<double>(3600 / simulation.queries_per_hour));
  for (std::int64_t i = 0; i < wanted; ++i) {
    if (interrupted()) return fail(ErrorKind::kCancelled, "interrupted");
    clock_.wait_until(clock_.now() + gap);
    upkeep_->run_due(on_schedule_ ? kEnough : Millis(0));
    HINTD_TRY_STATUS(serve_one());
    char line[160];
    std::snprintf(line, sizeof line, "%s %s  %lld hinted  lost %.0f of %.0f ms",
                  bar(static_cast<double>(i + 1) / static_cast<double>(wanted)).c_str(),
                  counting_ ? "after the fault" : "before it", static_cast<long long>(hinted_runs_),
                  figures_.lost_ms, figures_.default_ms);
    progress_.update(line);
  }
  return {};
}

Status ScenarioRun::serve_one() {
  const auto& query = workload_->draw(traffic_);
  const Statement statement{query.sql, query.template_name,
                            std::string(to_string(query.query_class))};
  const auto run = [&] { return house_->session->run(statement); };
  auto served = run();
  if (!served && served.error().kind == ErrorKind::kUnavailable)
    served = database::retry_until_available(real_, {}, run);
  if (counting_) ++figures_.queries;
  if (!served) {
    if (counting_) ++figures_.failed_queries;
    return served.error().kind == ErrorKind::kQuery ? Status{}
                                                    : tl::make_unexpected(served.error());
  }
  const bool by_default = served->decision.arm == kDefaultArm && !served->joined;
  if (by_default && served->parsed.query_template->kind == StatementKind::kReadOnlySelect)
    explorer_->offer(query.sql, served->parsed, served->latency);
  upkeep_->hear(query.sql, served->parsed, by_default ? served->latency.count() : 0);
  if (counting_) account(statement, *served);
  return {};
}

void ScenarioRun::account(const Statement& statement, const Served& served) {
  const double took = served.latency.count();
  if (served.decision.arm == kDefaultArm && !served.joined) {
    figures_.default_ms += took;
    return;
  }
  ++hinted_runs_;
  if (const auto& taken = desk().taken_back(); taken && !figures_.rolled_back_after_runs)
    figures_.rolled_back_after_runs = hinted_runs_;
  const auto plain = beside_->run(statement.sql, house_->catalogue()[kDefaultArm], Millis(0));
  if (!plain) return;
  const double usual = plain->latency.count();
  figures_.default_ms += usual;
  figures_.lost_ms += std::max(0.0, took - usual);
  figures_.won_ms += std::max(0.0, usual - took);
  if (took > kSlowRatio * usual + kSlowMs)
    ++figures_.slow_runs[served.parsed.query_template->fingerprint];
}

Status ScenarioRun::explore(double seconds) {
  const Stopwatch watch;
  while (watch.elapsed() < Seconds(seconds) && !interrupted()) {
    HINTD_TRY(const bool worked, explorer_->step());
    if (!worked) break;
    char line[80];
    std::snprintf(line, sizeof line, "exploring: %lld tries",
                  static_cast<long long>(explorer_->tries()));
    progress_.update(line);
  }
  return {};
}

Result<std::vector<PlanFlip>> ScenarioRun::plan_flips() {
  return find_plan_flips(plans_, upkeep_->sample(), *beside_, house_->catalogue(), *house_->events,
                         clock_);
}

Result<LearnOutcome> ScenarioRun::learn(learning::Sandbox& sandbox, TemplateRules proposals) {
  upkeep_->propose(std::move(proposals));
  upkeep_->try_in(sandbox);
  auto outcome = upkeep_->learn();
  upkeep_->try_in(upkeep_->sandbox());
  if (!outcome) return outcome;
  progress_.say("level 1: " + outcome->text() + ", " + outcome->why);
  return outcome;
}

Status ScenarioRun::force(TemplateRules rules, const std::string& why) {
  learning::PolicyVersion version;
  version.rules = std::move(rules);
  HINTD_TRY(const auto id, store().add(std::move(version), "fault"));
  HINTD_TRY_STATUS(store().approve(id, "fault", why));
  return upkeep_->deploy(id, "fault", why, sandbox());
}

Result<TemplateRules> ScenarioRun::worst_rules() {
  TemplateRules rules;
  const auto& catalogue = house_->catalogue();
  for (const auto& [fingerprint, known] : upkeep_->sample().templates()) {
    const auto& sql = known.statements.front().sql;
    HINTD_TRY(const auto plain, beside_->run(sql, catalogue[kDefaultArm], Millis(0)));
    const Millis limit(kWorstPlanLimit * plain.latency.count() + 1);
    std::set<std::uint64_t> seen;
    double worst_ms = plain.latency.count();
    for (std::size_t arm = 0; arm < catalogue.size(); ++arm) {
      const auto& hint_set = catalogue[static_cast<ArmId>(arm)];
      HINTD_TRY(const auto plan, beside_->explain(sql, hint_set));
      if (!seen.insert(plan.identity(hint_set)).second || arm == kDefaultArm) continue;
      HINTD_TRY(const auto run, beside_->run(sql, hint_set, limit));
      if (run.latency.count() <= worst_ms) continue;
      worst_ms = run.latency.count();
      auto& rule = rules[fingerprint];
      rule.rest.arm = static_cast<ArmId>(arm);
      rule.default_latency = plain.latency;
    }
    progress_.update("looking for the worst arm of each template: " + std::to_string(rules.size()) +
                     " found");
  }
  return rules;
}

Status ScenarioRun::execute(const std::string& sql) {
  HINTD_TRY(auto connection,
            database::Connection::open({database_.dsn(), std::chrono::seconds(5), false}));
  HINTD_TRY_STATUS(connection.query(sql));
  return {};
}

void ScenarioRun::begin_fault() {
  counting_ = true;
  hinted_runs_ = 0;
  house_->optimizer->set_mode(Mode::kSteer);
}

void ScenarioRun::expect(bool holds, const std::string& what) {
  expectations_.push_back({what, holds});
}

Status ScenarioRun::check_loss() {
  expect(figures_.failed_queries == 0, "no query failed");
  char what[120];
  std::snprintf(what, sizeof what, "at most %.0f %% of the default's time lost (%.2f %%)",
                100 * kMostLost, 100 * figures_.lost_ms / std::max(figures_.default_ms, 1e-3));
  expect(figures_.lost_ms <= kMostLost * figures_.default_ms, what);
  desk().settle();
  return house_->events->stop();
}

}  // namespace hintd::app
