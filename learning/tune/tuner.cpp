#include "learning/tune/tuner.h"

#include "core/check.h"
#include "core/log.h"
#include "learning/explore/arm_effects.h"
#include "learning/explore/arm_meaning.h"
#include "learning/tune/tuner_work.h"

namespace hintd::learning {
namespace {

// Parts of the budget after which the default's runs and the planning end, whatever is left of
// them.
constexpr double kMeasureUntil = 0.4;
constexpr double kPlanUntil = 0.6;
// A default that takes more than this part of the budget is not run twice to warm the cache.
constexpr double kSlow = 0.05;
constexpr Millis kShortestTimeout{2};  // below it cancelling costs more than it saves
// Confirming may claim this part of the budget before it is known what there is to confirm.
constexpr double kMostReserve = 0.4;

std::string seconds_text(Millis time) {
  const auto whole = static_cast<long>(std::lround(time.count() / 1000));
  return whole > 0 ? std::to_string(whole) + " s" : "less than 1 s";
}

bool server_is_away(const Error& error) {
  return error.kind == ErrorKind::kUnavailable;
}

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::kNotReached:
      return "not reached";
    case Standing::kTooFast:
      return "too fast";
    case Standing::kNoWinner:
      return "no winner";
    case Standing::kUnproved:
      return "unproved";
    case Standing::kConfirmed:
      return "confirmed";
    case Standing::kLeftOut:
      return "left out";
  }
  return "";
}

Tuner::Tuner(TunerConfig config, TunerParts parts, std::vector<TuneStatement> statements, Rng rng)
    : config_(config), parts_(std::move(parts)), statements_(std::move(statements)), rng_(rng) {
  for (const auto& statement : statements_) {
    auto work = std::make_unique<Work>();
    work->statement = &statement;
    work->evidence = &parts_.memory.statement(statement.parsed.query_template->fingerprint,
                                              statement.parsed.literals);
    works_.push_back(std::move(work));
  }
}

Tuner::~Tuner() = default;

Result<bool> Tuner::step() {
  const bool idle = !pool_ || pool_->under_way() == 0;
  if (left() <= Millis::zero() && idle) stage_ = Stage::kDone;
  Status done;
  switch (stage_) {
    case Stage::kMeasure:
      done = measure();
      break;
    case Stage::kPlan:
      done = plan();
      break;
    case Stage::kExplore:
      done = explore();
      break;
    case Stage::kConfirm:
      done = confirm();
      break;
    case Stage::kSpread:
      done = spread();
      break;
    case Stage::kDone:
      return false;
  }
  if (!done) return tl::make_unexpected(done.error());
  return stage_ != Stage::kDone;
}

Status Tuner::measure() {
  const bool slow_enough = times_.total() < kMeasureUntil * config_.budget;
  for (auto& work : works_) {
    const bool known =
        !work->left_out.empty() || work->evidence->default_ms() > 0 ||
        work->default_runs.size() > 1 ||
        (work->default_runs.size() == 1 && work->default_runs[0] > kSlow * config_.budget.count());
    if (!known && slow_enough) return run_default(*work);
  }
  stage_ = Stage::kPlan;
  return {};
}

Status Tuner::run_default(Work& work) {
  const Millis limit = std::min(config_.max_statement, left());
  const auto run = timed(times_.defaults, [&] {
    return parts_.executor.run(work.statement->sql, parts_.catalogue[kDefaultArm], limit);
  });
  if (!run && server_is_away(run.error())) return tl::make_unexpected(run.error());
  if (!run) {
    work.left_out = run.error().message;
  } else if (run->timed_out) {
    work.left_out = "did not end within " + seconds_text(limit) + " under the default" +
                    (limit < config_.max_statement ? ", when the budget was used" : "");
  } else if (work.result &&
             (work.result->rows != run->rows || work.result->result_hash != run->result_hash)) {
    work.left_out = "its result differs from run to run, so that of no plan can be checked";
  } else {
    work.result = *run;
    work.default_runs.push_back(run->latency.count());
  }
  return {};
}

Status Tuner::plan() {
  Work* slowest = nullptr;
  for (auto& work : works_)
    if (work->measured() && !work->evidence->planned() &&
        work->default_ms() >= config_.min_latency_ms &&
        (slowest == nullptr || work->default_ms() > slowest->default_ms()))
      slowest = work.get();
  if (slowest != nullptr && times_.total() < kPlanUntil * config_.budget)
    return plan_arms(*slowest);
  stage_ = Stage::kExplore;
  return {};
}

Status Tuner::plan_arms(Work& work) {
  std::vector<std::uint64_t> identities;
  PlanTree default_plan;
  for (const auto& set : parts_.catalogue.sets()) {
    auto planned =
        timed(times_.planning, [&] { return parts_.executor.explain(work.statement->sql, set); });
    if (!planned && server_is_away(planned.error())) return tl::make_unexpected(planned.error());
    if (!planned) {
      work.left_out = "cannot be planned under " + set.name + ": " + planned.error().message;
      return {};
    }
    identities.push_back(planned->identity(set));
    if (identities.size() == 1) default_plan = std::move(*planned);
  }
  auto& evidence = *work.evidence;
  evidence.default_shape = default_plan.shape_hash();
  evidence.features =
      features_of(work.statement->parsed.query_template->shape, default_plan, state_);
  evidence.group_of_arm = plan_groups(identities);
  evidence.groups.assign(
      std::size_t{*std::max_element(evidence.group_of_arm.begin(), evidence.group_of_arm.end())} +
          1,
      PlanRuns{});
  // The first run warmed the cache.
  const auto& runs = work.default_runs;
  evidence.groups.front().finished_ms.assign(runs.size() > 1 ? runs.begin() + 1 : runs.begin(),
                                             runs.end());
  return {};
}

void Tuner::start_exploring() {
  problem_.arms = parts_.catalogue.size();
  problem_.arm_features = features_of(parts_.catalogue);
  problem_.arm_effects = effects_of(parts_.catalogue);
  for (auto& work : works_) {
    if (!work->explorable()) continue;
    const auto& evidence = *work->evidence;
    ExplorableQuery query{evidence.default_ms() / 1000,
                          std::vector<PlanGroup>(evidence.groups.size()),
                          {evidence.features.begin(), evidence.features.end()}};
    for (std::size_t arm = 0; arm < evidence.group_of_arm.size(); ++arm)
      query.groups[evidence.group_of_arm[arm]].arms.push_back(static_cast<ArmId>(arm));
    // Arms that the catalogue has no more leave plans without arms.
    std::erase_if(query.groups, [](const PlanGroup& group) { return group.arms.empty(); });
    if (query.groups.size() != evidence.groups.size()) continue;
    problem_.queries.push_back(std::move(query));
    explored_.push_back(work.get());
  }
  auto strategy = make_strategy("hintd", problem_, rng_.split("strategy"));
  HINTD_CHECK(strategy.has_value(), "the house's own strategy is not known");
  strategy_ = std::move(*strategy);
  std::vector<PlanExecutor*> connections = parts_.beside;
  connections.push_back(&parts_.executor);
  pool_ = std::make_unique<TrialPool>(std::move(connections));
  // What an earlier run found out.
  for (std::size_t query = 0; query < explored_.size(); ++query) {
    const auto& groups = explored_[query]->evidence->groups;
    for (std::size_t group = 1; group < groups.size(); ++group) {
      const double stopped_s =
          (groups[group].unusable ? groups[0].latency_ms() : groups[group].longer_than_ms) / 1000;
      if (groups[group].measured() && !groups[group].unusable)
        strategy_->observe({query, group, 0}, {true, groups[group].latency_ms() / 1000});
      else if (stopped_s > 0)
        strategy_->observe({query, group, stopped_s}, {false, stopped_s});
    }
  }
  curve_.push_back({0, best_total().count() / 1000});
}

// What confirming the winners known so far takes, of those that few pairs can confirm.
Millis Tuner::confirmation_reserve() const {
  Millis reserve{0};
  for (const auto* work : explored_) {
    const double cost = proof_cost(*work);
    if (std::isfinite(cost)) reserve += cost * Millis(work->default_ms());
  }
  return std::min(reserve, Millis(kMostReserve * config_.budget));
}

Status Tuner::explore() {
  if (!strategy_) start_exploring();
  start_trials();
  if (pool_->under_way() > 0) return end_trial();
  stage_ = Stage::kConfirm;
  return {};
}

void Tuner::start_trials() {
  const Stopwatch deciding;
  for (; !lost_.empty() && pool_->has_room() && left() > Millis::zero(); lost_.pop_back())
    start(lost_.back());
  while (pool_->has_room() && left() > confirmation_reserve()) {
    const auto trial = strategy_->next();
    if (!trial) break;
    strategy_->begin(*trial);
    start(*trial);
  }
  times_.exploring += deciding.elapsed();
}

void Tuner::start(const Trial& trial) {
  const auto& work = *explored_[trial.query];
  const Millis timeout = std::max(
      kShortestTimeout, std::min({Millis(trial.timeout_s * 1000), config_.max_statement, left()}));
  pool_->start({{trial.query, trial.group, timeout.count() / 1000},
                work.statement->sql,
                &parts_.catalogue[work.arm_of(trial.group)],
                timeout});
}

Status Tuner::end_trial() {
  const Stopwatch watch;
  const auto [what, run] = pool_->wait();
  const Millis share = run ? run->latency / static_cast<double>(pool_->size()) : Millis{0};
  // As timed(): executors without a clock are charged too.
  times_.exploring += std::max(watch.elapsed(), share);
  if (!run && server_is_away(run.error())) {
    lost_.push_back(what.trial);
    return tl::make_unexpected(run.error());
  }
  const Stopwatch learning;
  take_in(what.trial, run);
  times_.exploring += learning.elapsed();
  curve_.push_back({curve_.back().charge_s + (run ? run->latency.count() / 1000 : 0),
                    best_total().count() / 1000});
  return {};
}

void Tuner::take_in(const Trial& trial, const Result<Execution>& run) {
  auto& work = *explored_[trial.query];
  auto& runs = work.evidence->groups[trial.group];
  const bool other_result =
      run && !run->timed_out && work.result &&
      (run->rows != work.result->rows || run->result_hash != work.result->result_hash);
  if (!run || other_result) {
    runs.unusable = true;
    log_warning("plan_refused",
                {{"statement", work.statement->name},
                 {"arm", parts_.catalogue[work.arm_of(trial.group)].name},
                 {"reason", run ? std::string("another result") : run.error().message}});
    // As good as not faster: the cell is closed.
    strategy_->observe(trial, {false, work.default_ms() / 1000});
  } else if (run->timed_out) {
    runs.longer_than_ms = std::max(runs.longer_than_ms, trial.timeout_s * 1000);
    strategy_->observe(trial, {false, trial.timeout_s});
  } else {
    runs.finished_ms.push_back(run->latency.count());
    strategy_->observe(trial, {true, run->latency.count() / 1000});
  }
}

Millis Tuner::default_total() const {
  Millis total{0};
  for (const auto& work : works_)
    if (work->measured()) total += Millis(work->default_ms());
  return total;
}

Millis Tuner::best_total() const {
  Millis total{0};
  for (const auto& work : works_)
    if (work->measured()) total += Millis(work->best_ms());
  return total;
}

std::size_t Tuner::measured() const {
  return static_cast<std::size_t>(std::count_if(works_.begin(), works_.end(),
                                                [](const auto& work) { return work->measured(); }));
}

}  // namespace hintd::learning
