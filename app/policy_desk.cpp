#include "app/policy_desk.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/log.h"
#include "core/query_template.h"
#include "core/rng.h"
#include "learning/policy/pins.h"

namespace hintd::app {
namespace {

using learning::kNoPolicy;
using learning::PolicyId;

// Rules that the governance file does not allow fall back to the default.
std::vector<std::string> remove_forbidden(TemplateRules& rules, const Forbidden& forbidden) {
  std::vector<std::string> removed;
  if (!forbidden) return removed;
  const auto refused = [&](std::uint64_t fingerprint, const TemplateRule& rule,
                           const RunChoice& choice) {
    if (choice.arm == kDefaultArm) return false;
    const auto why = forbidden(fingerprint, rule, choice);
    if (!why.empty()) removed.push_back(why);
    return !why.empty();
  };
  for (auto& [fingerprint, rule] : rules) {
    for (auto& [key, choice] : rule.cases)
      if (refused(fingerprint, rule, choice)) choice = {};
    if (!refused(fingerprint, rule, rule.rest)) continue;
    rule.rest = {};
    rule.reason = DecisionReason::kGuarded;
  }
  return removed;
}

// Without what was rejected in place of the same parent. Answers the last version that held any of
// it.
PolicyId leave_out_rejected(TemplateRules& rules, const TemplateRules& deployed,
                            const learning::PolicyStore& store, const learning::StoreState& state) {
  PolicyId last = kNoPolicy;
  for (const auto& [id, status] : state.policies) {
    const bool rejected = status.state == learning::PolicyState::kRejected;
    if (!rejected || status.head.parent != state.deployed) continue;
    const auto version = store.load(id);
    if (!version) continue;
    const auto before = rules;
    learning::leave_out(rules, deployed, version->judged);
    if (!learning::same_choices(rules, before)) last = id;
  }
  return last;
}

// Of a run beside the default: who was first, and when, bounds what the arm takes by itself.
void remember_joined(PlanRuns& runs, const learning::PairResult& pair) {
  constexpr double kFirst = 0.95;  // of the default's time: then the rows were the arm's
  const double arm_ms = pair.candidate_ms - pair.joined_after.count();
  if (runs.measured() || arm_ms <= 0) return;
  if (pair.candidate_ms < kFirst * pair.default_ms)
    runs.finished_ms.push_back(arm_ms);
  else
    runs.longer_than_ms = std::max(runs.longer_than_ms, arm_ms);
}

// What the pairs showed is evidence for the next candidate.
void remember(PlanMemory& memory, std::span<const learning::PairResult> pairs) {
  for (const auto& pair : pairs) {
    const bool joined = pair.joined_after > Millis::zero();
    log_debug("level_1_pair", {{"template", fingerprint_text(pair.fingerprint)},
                               {"arm", static_cast<int>(pair.arm)},
                               {"joined_after_ms", pair.joined_after.count()},
                               {"default_ms", pair.default_ms},
                               {"deployed_ms", pair.deployed_ms},
                               {"candidate_ms", pair.candidate_ms}});
    if (pair.arm == kDefaultArm) continue;
    auto& statement = memory.statement(pair.fingerprint, pair.literals);
    if (!statement.planned()) continue;
    auto& runs = statement.runs_of(pair.arm);
    if (joined)
      remember_joined(runs, pair);
    else
      runs.paired_ratios.push_back(pair.candidate_ms / pair.default_ms);
    if (!pair.same_rows) runs.unusable = true;
  }
}

}  // namespace

PolicyDesk::PolicyDesk(PolicyDeskParts parts) : parts_(std::move(parts)) {
  parts_.supervisor.on_take_back(
      [this](std::uint32_t version, const std::string& why) { take_back(version, why); });
}

void PolicyDesk::put_in_force(std::uint32_t version, TemplateRules rules) {
  for (const auto& why : remove_forbidden(rules, parts_.forbidden))
    parts_.events.record(SafetyEvent{parts_.clock.now(), "rule_forbidden", 0, why});
  PolicyPublished event;
  event.time = parts_.clock.now();
  event.version = version;
  event.templates = static_cast<std::int64_t>(rules.size());
  event.steered = steered(rules);
  auto policy = version == kNoPolicy ? nullptr : parts_.make_policy(version, std::move(rules));
  {
    const std::lock_guard lock(mutex_);
    in_force_ = version;
    parts_.supervisor.deployed(policy);
    parts_.optimizer.publish(std::move(policy));
  }
  log_info("policy_deployed", {{"version", static_cast<std::int64_t>(version)},
                               {"templates", event.templates},
                               {"steered", event.steered}});
  parts_.events.record(std::move(event));
}

Status PolicyDesk::restore() {
  while (true) {
    HINTD_TRY(const auto state, parts_.store.state());
    auto policy = parts_.store.load(state.deployed);
    if (policy) {
      put_in_force(state.deployed, std::move(policy->rules));
      return {};
    }
    parts_.events.record(
        SafetyEvent{parts_.clock.now(), "policy_unreadable", 0,
                    "version " + std::to_string(state.deployed) + ": " + policy.error().message});
    HINTD_TRY_STATUS(parts_.store.roll_back("safety", policy.error().text()));
  }
}

Status PolicyDesk::deploy(PolicyId id, const std::string& actor, const std::string& why) {
  HINTD_TRY(auto policy, parts_.store.load(id));
  HINTD_TRY_STATUS(parts_.store.deploy(id, actor, why));
  put_in_force(id, std::move(policy.rules));
  return {};
}

void PolicyDesk::take_back(std::uint32_t version, const std::string& why) {
  const std::lock_guard lock(mutex_);
  // Not in_force_: the dashboard may have deployed another one a moment ago.
  const auto policy = parts_.optimizer.policy();
  if (policy == nullptr || policy->version() != version) return;
  parts_.optimizer.publish(nullptr);
  in_force_ = kNoPolicy;
  taken_back_ = {version, why};
  settled_ = false;
}

void PolicyDesk::settle() {
  TakenBack taken;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(settled_, true)) return;
    taken = *taken_back_;
  }
  if (const auto kept = keep(taken); !kept) {
    parts_.supervisor.deployed(nullptr);
    log_error("rollback_not_kept", {{"error", kept.error().text()}});
  }
}

Status PolicyDesk::keep(const TakenBack& taken) {
  HINTD_TRY(const auto state, parts_.store.state());
  // Somebody else may have deployed another one meanwhile.
  if (state.deployed == taken.version)
    HINTD_TRY_STATUS(parts_.store.roll_back("safety", taken.why));
  return restore();
}

Status PolicyDesk::follow() {
  HINTD_TRY(const auto state, parts_.store.state());
  return state.deployed == in_force() ? Status{} : restore();
}

PolicyId PolicyDesk::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

std::optional<PolicyDesk::TakenBack> PolicyDesk::taken_back() const {
  const std::lock_guard lock(mutex_);
  return taken_back_;
}

Result<learning::PolicyVersion> deployed_in(const std::filesystem::path& folder,
                                            const HintCatalogue& catalogue) {
  const auto policies = folder / "policies";
  if (!std::filesystem::exists(policies / "state.json")) return learning::PolicyVersion{};
  SystemClock clock;
  HINTD_TRY(const auto store, learning::PolicyStore::open(policies, "", catalogue, clock));
  HINTD_TRY(const auto state, store.state());
  return store.load(state.deployed);
}

std::string LearnOutcome::text() const {
  if (id == kNoPolicy) return "nothing new";
  return "policy " + std::to_string(id) + (deployed ? " deployed" : " rejected");
}

Result<LearnOutcome> learn_policy(
    const LearnParts& parts, Level1Parts level1, learning::Sandbox& sandbox, Rng rng,
    const std::string& actor,
    const std::function<Status(PolicyId, const std::string& why)>& deploy) {
  auto& store = parts.store;
  HINTD_TRY(const auto state, store.state());
  if (state.pinned)
    return LearnOutcome{
        kNoPolicy, false, "policy " + std::to_string(state.deployed) + " is pinned", {}, {}};
  HINTD_TRY(auto deployed, store.load(state.deployed));
  // What is compared is what is in force.
  remove_forbidden(deployed.rules, level1.forbidden);
  const auto halves = learning::split_telemetry(level1.telemetry);
  auto begun = std::move(level1.begun);
  if (begun && (begun->parent != state.deployed || !level1.proposals.empty())) begun.reset();
  auto rules = begun ? begun->rules
                     : learning::learn_candidate(level1.rules, level1.memory, deployed.rules,
                                                 halves.training, level1.connections);
  for (const auto& [fingerprint, rule] : level1.proposals) rules[fingerprint] = rule;
  const auto removed = remove_forbidden(rules, level1.forbidden);
  if (!removed.empty()) begun.reset();
  for (const auto& why : removed)
    HINTD_TRY_STATUS(store.note("governance", "refuse", kNoPolicy, why));

  const auto rejected = leave_out_rejected(rules, deployed.rules, store, state);
  if (learning::same_choices(rules, deployed.rules)) {
    if (rejected == kNoPolicy)
      return LearnOutcome{kNoPolicy, false, "the measurements ask for no other rules", {}, {}};
    return LearnOutcome{kNoPolicy,
                        false,
                        "the same arms were rejected as policy " + std::to_string(rejected),
                        {},
                        {}};
  }
  const auto candidate = parts.make_policy(kNoPolicy, rules);
  const auto current = parts.make_policy(kNoPolicy, deployed.rules);
  const auto pins = learning::load_pins(level1.pins);
  learning::PolicyValidator validator(
      level1.config,
      {parts.catalogue, level1.memory, level1.sample, halves.held_out, pins, sandbox}, rng);
  LearnOutcome outcome;
  const auto known = begun ? begun->report.pairs.size() : 0;
  if (begun) {
    HINTD_TRY(outcome.report, validator.resume(std::move(begun->report), *candidate, *current));
  } else {
    HINTD_TRY(outcome.report, validator.validate(*candidate, *current));
  }
  remember(level1.memory, std::span(outcome.report.pairs).subspan(known));
  HINTD_TRY_STATUS(learning::add_pins(level1.pins, outcome.report.regressed));
  outcome.why = outcome.report.stage + ": " + outcome.report.why;
  const bool nothing_tried = outcome.report.stage == "pairs" && outcome.report.pairs.empty();
  if (outcome.report.undecided && outcome.report.bounds)
    outcome.begun = BegunProof{state.deployed, std::move(rules), outcome.report};
  if (!outcome.report.passed && (nothing_tried || outcome.report.undecided)) return outcome;

  learning::PolicyVersion version;
  version.evidence = learning::to_json(outcome.report);
  version.judged = learning::judged(rules, deployed.rules, outcome.report);
  version.hyperparameters = level1.hyperparameters;
  version.rules = learning::proved_part(rules, deployed.rules, outcome.report);
  HINTD_TRY(outcome.id, store.add(std::move(version), actor));
  if (!outcome.report.passed) {
    HINTD_TRY_STATUS(store.reject(outcome.id, actor, outcome.why));
    return outcome;
  }
  HINTD_TRY_STATUS(store.approve(outcome.id, actor, outcome.why));
  HINTD_TRY_STATUS(deploy(outcome.id, outcome.why));
  outcome.deployed = true;
  return outcome;
}

}  // namespace hintd::app
