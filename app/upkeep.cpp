#include "app/upkeep.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "app/anchors.h"
#include "app/baselines.h"
#include "core/log.h"
#include "telemetry/reader.h"

namespace hintd::app {
namespace {

// Telemetry an attempt looks at: the last so many runs.
constexpr std::int64_t kMostRuns = 200'000;
constexpr Seconds kFollowEvery{5};
constexpr Seconds kAnchorEvery{86'400};

std::map<std::uint64_t, std::string> known_texts(const House& house) {
  auto reader = telemetry::Reader::open(house.settings().telemetry.path);
  if (!reader) return {};
  return reader->read_templates().value_or(std::map<std::uint64_t, std::string>{});
}

}  // namespace

Upkeep::Upkeep(House& house, Options options, learning::PolicyStore store,
               std::unique_ptr<PairSandbox> sandbox, Clock& clock)
    : house_(house),
      options_(std::move(options)),
      clock_(clock),
      governance_(options_.spec, house.catalogue(), house.memory, known_texts(house), ""),
      store_(std::move(store)),
      sandbox_(std::move(sandbox)),
      sandbox_in_use_(sandbox_.get()),
      sample_(house.settings().level1.statements_per_template,
              Rng(house.settings().workload.seed).split("sample")),
      jobs_(clock, *house.events),
      follow_(kFollowEvery),
      rng_(Rng(house.settings().workload.seed).split("validation")) {}

Result<std::unique_ptr<Upkeep>> Upkeep::open(House& house, Options options, Clock& clock,
                                             Clock& real_clock) {
  const auto& settings = house.settings();
  const auto policies = options.folder / "policies";
  std::error_code ignored;
  if (options.fresh)
    for (const auto& old : {policies, options.folder / "anchors"})
      std::filesystem::remove_all(old, ignored);
  HINTD_TRY(const auto server, server_identity(options.dsn));
  HINTD_TRY(auto store, learning::PolicyStore::open(policies, server, house.catalogue(), clock));
  HINTD_TRY(auto sandbox, PairSandbox::open(options.dsn, options.sandbox_role, house.catalogue(),
                                            settings.safety, real_clock));
  std::unique_ptr<Upkeep> upkeep(
      new Upkeep(house, std::move(options), std::move(store), std::move(sandbox), clock));
  HINTD_TRY_STATUS(upkeep->check_mode());
  HINTD_TRY_STATUS(upkeep->reopen_desk());
  upkeep->recall();
  upkeep->jobs_.every(settings.level1.every, "level_1",
                      [raw = upkeep.get()] { return raw->learn_if_affordable(); });
  upkeep->jobs_.every(kAnchorEvery, "anchor",
                      [raw = upkeep.get()] { return raw->look_at_anchor(); });
  return upkeep;
}

Status Upkeep::check_mode() const {
  safety::Proposal proposal;
  proposal.mode = options_.mode;
  const auto verdict = safety::check(options_.spec, proposal);
  if (verdict.allowed) return {};
  return fail(ErrorKind::kConflict, "serve.mode is not allowed: " + verdict.why,
              "choose another mode, or change the governance file");
}

Status Upkeep::reopen_desk() {
  desk_ = std::make_unique<PolicyDesk>(PolicyDeskParts{
      store_, house_.catalogue(), *house_.optimizer, *house_.supervisor, *house_.events, clock_,
      [this](std::uint32_t version, TemplateRules rules) {
        return house_.make_policy(version, std::move(rules));
      },
      forbidden()});
  return desk_->restore();
}

Forbidden Upkeep::forbidden() const {
  return [this](std::uint64_t fingerprint, const TemplateRule& rule, const RunChoice& choice) {
    return governance_.check(fingerprint, rule, choice).why;
  };
}

void Upkeep::hear(std::string_view sql, const ParsedQuery& parsed, double default_ms) {
  governance_.know(*parsed.query_template);
  sample_.offer(sql, parsed, default_ms);
}

bool Upkeep::may_explore(Millis allowed) const {
  return house_.explorer->spent() + Millis(spent_) < allowed;
}

void Upkeep::settle() {
  desk_->settle();
  if (!follow_.due(clock_.now())) return;
  const auto followed = desk_->follow();
  not_followed_ = followed ? "" : followed.error().message;
  if (!followed) log_warning("policies_unreadable", {{"error", followed.error().text()}});
}

std::string Upkeep::trouble() const {
  return not_followed_.empty() ? jobs_.trouble() : not_followed_;
}

void Upkeep::run_due(Millis allowed) {
  allowed_ = allowed;
  settle();
  jobs_.run_due();
}

Status Upkeep::learn_if_affordable() {
  const auto& config = house_.settings().level1;
  const Seconds longest(config.sandbox_budget_s);
  const Seconds left = config.sandbox_share * Seconds(allowed_) - spent_;
  if (!governance_.check_now(clock_.now(), options_.mode).allowed) return {};
  if (left < std::min(kLeastBudget, longest)) return {};
  HINTD_TRY_STATUS(learn_within(std::min(left, longest)));
  return {};
}

Status Upkeep::deploy(learning::PolicyId id, const std::string& actor, const std::string& why,
                      learning::Sandbox& sandbox) {
  HINTD_TRY(const auto version, store_.load(id));
  HINTD_TRY_STATUS(measure_baselines(version.rules, sample_, sandbox, *house_.supervisor));
  return desk_->deploy(id, actor, why);
}

Status Upkeep::look_at_anchor() {
  HINTD_TRY_STATUS(house_.events->flush());
  const AnchorSource source{options_.folder, house_.settings().telemetry.path, house_.catalogue(),
                            config::to_json(house_.settings()), options_.dsn};
  const auto anchors = list_anchors(options_.folder);
  const bool pinned = std::any_of(anchors.begin(), anchors.end(),
                                  [](const auto& anchor) { return anchor.name == kDailyAnchor; });
  if (!pinned) {
    HINTD_TRY_STATUS(create_anchor(source, kDailyAnchor));
    return {};
  }
  HINTD_TRY(const auto comparison, compare_anchor(source, kDailyAnchor));
  const auto verdicts = nlohmann::json::parse(comparison).at("verdicts").dump();
  const auto text = "since " + std::string(kDailyAnchor) + ": " + verdicts;
  house_.events->record(SafetyEvent{clock_.now(), "anchor", 0, text});
  return {};
}

void Upkeep::learn_last() {
  const auto most = std::max(kLastBudget, kLastShare * Seconds(allowed_));
  const auto end = spent_ + std::min(most, Seconds(house_.settings().level1.sandbox_budget_s));
  for (bool more = true; more && spent_ < end;) {
    const auto learned = learn_within(end - spent_);
    if (!learned) log_warning("level_1_failed", {{"error", learned.error().text()}});
    more = learned && learned->id != learning::kNoPolicy;
  }
}

// What served before a restart is measured by what ran under the default then.
void Upkeep::recall() {
  if (options_.fresh || house_.memory.templates().empty()) return;
  if (const auto runs = telemetry_since({}))
    recall_baselines(*runs, house_.memory, *house_.supervisor);
  else
    log_warning("telemetry_unreadable", {{"error", runs.error().text()}});
}

Result<std::vector<LoggedRun>> Upkeep::telemetry_since(TimePoint since) {
  HINTD_TRY_STATUS(house_.events->flush());
  HINTD_TRY(auto reader, telemetry::Reader::open(house_.settings().telemetry.path));
  return reader.read_runs(names_of(house_.catalogue()), since, kMostRuns);
}

Result<std::vector<LoggedRun>> Upkeep::telemetry_since_deployment() {
  HINTD_TRY(const auto state, store_.state());
  HINTD_TRY(const auto deployed, store_.load(state.deployed));
  return telemetry_since(deployed.made);
}

Result<LearnOutcome> Upkeep::learn() {
  return learn_within(Seconds(house_.settings().level1.sandbox_budget_s));
}

Result<LearnOutcome> Upkeep::learn_within(Seconds budget) {
  ++attempts_;
  const Stopwatch watch;
  const auto& settings = house_.settings();
  auto level1 = settings.level1;
  level1.sandbox_budget_s = budget.count();
  StoppableSandbox sandbox(*sandbox_in_use_, stopping_);
  // Without telemetry there is no claim of stage one, and the pairs decide.
  auto runs = telemetry_since_deployment();
  if (!runs) log_warning("telemetry_unreadable", {{"error", runs.error().text()}});
  // What unseen templates get is no part of a candidate.
  const auto make_policy = [](std::uint32_t version, TemplateRules rules) {
    return std::make_shared<MemoryPolicy>(version, std::move(rules));
  };
  auto outcome = learn_policy(
      {store_, house_.catalogue(), clock_, make_policy},
      {level1, *house_.rules, house_.memory, sample_,
       runs ? std::move(*runs) : std::vector<LoggedRun>{},
       options_.folder / "policies" / "pins.jsonl", config::to_json(settings), forbidden(),
       options_.connections, std::exchange(proposals_, {}), std::exchange(begun_, {})},
      sandbox, rng_.split(std::to_string(attempts_)), "learner",
      [&](learning::PolicyId id, const std::string& why) {
        return deploy(id, "learner", why, sandbox);
      });
  if (!outcome) return outcome;
  begun_ = std::move(outcome->begun);
  spent_ += Seconds(outcome->report.spent_s);
  log_info("level_1", {{"outcome", outcome->text()},
                       {"why", outcome->why},
                       {"pairs", static_cast<std::int64_t>(outcome->report.pairs.size())},
                       {"tried", static_cast<std::int64_t>(outcome->report.tried.size())},
                       {"withdrawn", static_cast<std::int64_t>(outcome->report.withdrawn.size())},
                       {"took_ms", watch.elapsed().count()}});
  return outcome;
}

}  // namespace hintd::app
