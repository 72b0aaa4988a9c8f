#include "app/house_operations.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/durable_file.h"
#include "core/log.h"
#include "learning/meta/genome.h"
#include "learning/policy/policy_file.h"

namespace hintd::app {
namespace {

using learning::PolicyStore;
using nlohmann::json;

constexpr const char* kChanges = "changes.jsonl";
constexpr std::size_t kGenerationsShown = 100;

const MemoryPolicy* rules_in(const Policy* policy) {
  return dynamic_cast<const MemoryPolicy*>(policy);
}

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  in >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

json last_lines(const std::filesystem::path& file, std::size_t most) {
  std::deque<json> lines;
  std::ifstream in(file);
  for (std::string text; std::getline(in, text);) {
    auto line = json::parse(text, nullptr, false);
    if (line.is_object()) lines.push_back(std::move(line));  // else cut short by a kill
    if (lines.size() > most) lines.pop_front();
  }
  return json(lines);
}

Explanation explanation_of(const ParsedQuery& parsed, const Decision& decision,
                           const HintCatalogue& catalogue) {
  Explanation found;
  found.fingerprint = parsed.query_template->fingerprint;
  found.normalized = parsed.query_template->normalized;
  found.arm = catalogue[decision.arm].name;
  found.reason = to_string(decision.reason);
  found.policy_version = decision.policy_version;
  found.patience_ms = decision.patience.count();
  found.set_sql = catalogue[decision.arm].set_local_sql();
  return found;
}

}  // namespace

HouseOperations::HouseOperations(House& house, const StatementSamples& samples,
                                 std::filesystem::path folder, std::string dsn, const Clock& clock,
                                 HouseSwitches switches)
    : house_(house),
      samples_(samples),
      folder_(std::move(folder)),
      dsn_(std::move(dsn)),
      clock_(clock),
      switches_(std::move(switches)),
      host_(folder_),
      tunes_({folder_ / "tunes", dsn_, switches_.config_file}),
      server_(dsn_) {}

LiveStatus HouseOperations::status() const {
  LiveStatus status;
  status.mode = house_.optimizer->mode();
  status.hints_on = switches_.hints_on();
  status.open_breakers = house_.supervisor->open_breakers();
  if (switches_.explorer_budget_s)
    status.explorer_budget_s = switches_.explorer_budget_s();
  else
    status.explorer_share = house_.settings().serve.explore_share;
  const auto policy = house_.optimizer->policy();
  if (policy) status.policy_version = policy->version();
  if (const auto* memory = rules_in(policy.get())) {
    status.policy_templates = static_cast<std::int64_t>(memory->rules().size());
    status.policy_steered = steered(memory->rules());
  }
  const auto counts = house_.events->counts();
  status.gauges = {{"process_memory_bytes", resident_bytes(), 0},
                   {"telemetry_events_stored", static_cast<double>(counts.stored), 0},
                   {"telemetry_events_dropped", static_cast<double>(counts.dropped), 0}};
  const auto& safety = house_.settings().safety;
  {
    const std::lock_guard lock(host_mutex_);
    const auto host = host_.read();
    if (host.cpu) status.gauges.push_back({"host_cpu_ratio", *host.cpu, safety.max_cpu});
    if (host.memory)
      status.gauges.push_back({"host_memory_ratio", *host.memory, safety.max_memory});
    if (host.free_disk_mb)
      status.gauges.push_back({"free_disk_bytes", *host.free_disk_mb * 1e6, 0});
  }
  if (switches_.gauges)
    for (auto& gauge : switches_.gauges()) status.gauges.push_back(std::move(gauge));
  return status;
}

Status HouseOperations::note_change(const ChangeNote& note, const std::string& action,
                                    const std::string& subject) const {
  const json line = {{"time_us", micros(SystemClock().now())},
                     {"actor", note.actor},
                     {"action", action},
                     {"subject", subject},
                     {"why", note.why}};
  return append_line(folder_ / kChanges, line.dump(-1, ' ', false, json::error_handler_t::replace));
}

Status HouseOperations::set_mode(Mode mode, const ChangeNote& note) {
  constexpr const char* kNames[] = {"observe", "advise", "steer"};
  HINTD_TRY_STATUS(
      note_change(note, std::string("mode_") + kNames[static_cast<int>(mode)], "hintd"));
  house_.optimizer->set_mode(mode);
  return {};
}

Status HouseOperations::switch_hints(bool on, const ChangeNote& note) {
  // Off at once, whatever the disk says; on only with a line in the log.
  if (!on) switches_.switch_hints(false);
  HINTD_TRY_STATUS(note_change(note, on ? "hints_on" : "hints_off", "hints"));
  if (on) switches_.switch_hints(true);
  house_.events->record(
      SafetyEvent{clock_.now(), on ? "hints_switched_on" : "hints_switched_off", 0, note.why});
  return {};
}

Result<ReloadedSettings> HouseOperations::reload_settings(const ChangeNote& note) {
  if (!switches_.reload)
    return fail(ErrorKind::kConflict, "this command's settings stay as they are",
                "change those of the hintd that serves");
  HINTD_TRY(auto reloaded, switches_.reload());
  HINTD_TRY_STATUS(note_change(note, "settings_reloaded", "settings"));
  return reloaded;
}

std::vector<OrderedTemplate> HouseOperations::orders() const {
  return house_.orders->list();
}

const TemplateRule* HouseOperations::rule_of(const Policy* policy,
                                             std::uint64_t fingerprint) const {
  const auto* memory = rules_in(policy);
  if (memory == nullptr) return nullptr;
  const auto found = memory->rules().find(fingerprint);
  return found == memory->rules().end() ? nullptr : &found->second;
}

Status HouseOperations::order(std::uint64_t fingerprint, TemplateOrder order,
                              const ChangeNote& note) {
  const auto policy = house_.optimizer->policy();
  const auto subject = "template " + fingerprint_text(fingerprint);
  HINTD_TRY_STATUS(house_.orders->order(fingerprint, order, rule_of(policy.get(), fingerprint),
                                        note, SystemClock().now()));
  const std::string name(to_string(order));
  house_.events->record(SafetyEvent{
      clock_.now(), order == TemplateOrder::kNone ? "template_released" : "template_" + name,
      fingerprint, note.why});
  return note_change(note, order == TemplateOrder::kNone ? "released" : name, subject);
}

Result<PolicyStore> HouseOperations::store() const {
  if (!std::filesystem::exists(folder_ / "policies" / "state.json"))
    return fail(ErrorKind::kConflict, "no policy version was made here yet",
                "make one with hintd policy learn");
  return PolicyStore::open(folder_ / "policies", "", house_.catalogue(), clock_);
}

Result<std::vector<PolicySummary>> HouseOperations::policies() const {
  std::vector<PolicySummary> list;
  if (!std::filesystem::exists(folder_ / "policies" / "state.json")) return list;
  HINTD_TRY(const auto policies, store());
  HINTD_TRY(const auto state, policies.state());
  for (const auto& [id, status] : state.policies) {
    PolicySummary line;
    line.id = id;
    line.state = learning::to_string(status.state);
    line.banned = status.banned;
    line.deployed = id == state.deployed;
    line.why = status.why;
    line.parent = status.head.parent;
    line.made = status.head.made;
    line.templates = status.head.templates;
    line.steered = status.head.steered;
    line.evidence = status.head.evidence;
    list.insert(list.begin(), std::move(line));
  }
  return list;
}

Result<std::string> HouseOperations::policy_text(std::uint32_t id) const {
  HINTD_TRY(const auto policies, store());
  HINTD_TRY(const auto version, policies.load(id));
  return learning::to_text(version, house_.catalogue());
}

Status HouseOperations::decide_policy(std::string_view action, std::uint32_t id,
                                      const ChangeNote& note) {
  HINTD_TRY(auto policies, store());
  const auto decide = [&]() -> Status {
    if (action == "approve") return policies.approve(id, note.actor, note.why);
    if (action == "reject") return policies.reject(id, note.actor, note.why);
    if (action == "ban") return policies.ban(id, note.actor, note.why);
    if (action == "deploy") return policies.deploy(id, note.actor, note.why);
    if (action == "pin") return policies.pin(id, note.actor);
    if (action == "unpin") return policies.unpin(note.actor);
    if (action == "rollback") {
      HINTD_TRY_STATUS(policies.roll_back(note.actor, note.why));
      return {};
    }
    return fail(ErrorKind::kInvalidInput, "action: '" + std::string(action) + "' is none",
                "use approve, reject, ban, deploy, pin, unpin or rollback");
  };
  HINTD_TRY(const auto before, policies.state());
  HINTD_TRY_STATUS(decide());
  HINTD_TRY(const auto after, policies.state());
  return before.deployed == after.deployed ? Status{} : put_in_force(policies);
}

Status HouseOperations::put_in_force(const PolicyStore& policies) {
  HINTD_TRY(const auto state, policies.state());
  HINTD_TRY(auto version, policies.load(state.deployed));
  PolicyPublished event;
  event.time = clock_.now();
  event.version = state.deployed;
  event.templates = static_cast<std::int64_t>(version.rules.size());
  event.steered = steered(version.rules);
  house_.orders->apply(version.rules);
  auto policy = std::make_shared<const MemoryPolicy>(state.deployed, std::move(version.rules));
  house_.supervisor->deployed(policy);
  house_.optimizer->publish(policy);
  house_.events->record(std::move(event));
  return {};
}

Result<std::vector<AuditEntry>> HouseOperations::audit(std::int64_t before,
                                                       std::size_t limit) const {
  std::vector<AuditEntry> all;
  std::ifstream in(folder_ / kChanges);
  for (std::string text; std::getline(in, text);) {
    const auto line = json::parse(text, nullptr, false);
    if (!line.is_object()) continue;  // cut short by a kill
    all.push_back({0, time_point(line.value("time_us", std::int64_t{0})), line.value("actor", ""),
                   line.value("action", ""), line.value("subject", ""), line.value("why", "")});
  }
  if (std::filesystem::exists(folder_ / "policies" / "state.json")) {
    HINTD_TRY(const auto policies, store());
    for (const auto& line : policies.audit())
      all.push_back({0, line.time, line.actor, line.action, "policy " + std::to_string(line.policy),
                     line.detail});
  }
  std::ranges::stable_sort(all, {}, &AuditEntry::time);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].line = static_cast<std::int64_t>(i) + 1;
  std::vector<AuditEntry> page;
  for (auto entry = all.rbegin(); entry != all.rend() && page.size() < limit; ++entry)
    if (entry->line < before) page.push_back(*entry);
  return page;
}

Result<Explanation> HouseOperations::explain(std::string_view sql) {
  HINTD_TRY(const auto parsed, parse_query(sql));
  return explain_parsed(sql, parsed);
}

Result<Explanation> HouseOperations::explain_template(std::uint64_t fingerprint) {
  const auto sql = samples_.find(fingerprint);
  if (!sql)
    return fail(ErrorKind::kNotFound,
                "no statement of template " + fingerprint_text(fingerprint) + " is at hand",
                "wait until traffic brings one that is slow enough");
  return explain(*sql);
}

Result<Explanation> HouseOperations::explain_parsed(std::string_view sql,
                                                    const ParsedQuery& parsed) {
  if (parsed.query_template->kind != StatementKind::kReadOnlySelect)
    return fail(ErrorKind::kInvalidInput, "this is not one read-only SELECT",
                "hintd leaves everything else alone; give a single SELECT");
  const std::lock_guard lock(explain_mutex_);
  if (!executor_) {
    HINTD_TRY(executor_, database::PgExecutor::connect({dsn_}));
  }
  const auto& catalogue = house_.catalogue();
  HINTD_TRY(auto default_plan, executor_->explain(sql, catalogue[kDefaultArm]));
  HINTD_TRY(const auto state, executor_->database_state());
  const PlannedState planned{default_plan.shape_hash(),
                             features_of(parsed.query_template->shape, default_plan, state)};
  Optimizer::Reader reader(*house_.optimizer);
  const auto decision =
      reader.decide({parsed.query_template->fingerprint, parsed.literals, &planned});
  auto explained = explanation_of(parsed, decision, catalogue);
  explained.default_plan = std::move(default_plan);
  explained.arm_plan = explained.default_plan;
  if (decision.arm != kDefaultArm) {
    HINTD_TRY(explained.arm_plan, executor_->explain(sql, catalogue[decision.arm]));
  }
  return explained;
}

Result<std::uint32_t> HouseOperations::start_tune(std::string_view workload, Seconds budget,
                                                  const ChangeNote& note) {
  HINTD_TRY(const auto id, tunes_.start(workload, budget, note, SystemClock().now()));
  HINTD_TRY_STATUS(note_change(note, "tune_started", "tuning run " + std::to_string(id)));
  return id;
}

Status HouseOperations::stop_tune(std::uint32_t id, const ChangeNote& note) {
  HINTD_TRY_STATUS(tunes_.stop(id));
  return note_change(note, "tune_stopped", "tuning run " + std::to_string(id));
}

std::vector<JobTimes> HouseOperations::jobs() const {
  return switches_.jobs ? switches_.jobs() : std::vector<JobTimes>{};
}

std::vector<std::string> HouseOperations::log_tail(std::size_t lines) const {
  constexpr std::streamoff kMost = 64 * 1024;
  flush_log();
  std::ifstream in(folder_ / "optimizer.log");
  in.seekg(0, std::ios::end);
  const auto size = static_cast<std::streamoff>(in.tellg());
  in.seekg(std::max<std::streamoff>(0, size - kMost));
  std::vector<std::string> tail;
  for (std::string line; std::getline(in, line);) tail.push_back(std::move(line));
  // The first may be the end of a longer one.
  if (size > kMost && !tail.empty()) tail.erase(tail.begin());
  if (tail.size() > lines)
    tail.erase(tail.begin(), tail.end() - static_cast<std::ptrdiff_t>(lines));
  return tail;
}

std::string HouseOperations::meta_json() const {
  const auto text = read_file(folder_ / "meta.json");
  if (!text) return {};
  const auto file = json::parse(*text, nullptr, false);
  if (!file.is_object() || !file.contains("content")) return {};
  const auto& content = file["content"];
  json shown = {{"generation", content.value("generation", 0)},
                {"population", content.value("population", json::array())}};
  const auto champion = content.value("champion", learning::Genome{});
  if (champion.size() == learning::genes().size())
    shown["champion"] = json::parse(learning::to_json(champion));
  shown["generations"] = last_lines(folder_ / kGenerationsFile, kGenerationsShown);
  return shown.dump();
}

std::string HouseOperations::anchors_json() const {
  auto list = json::array();
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "anchors", none)) {
    const auto text = read_file(file.path());
    const auto anchor = text ? json::parse(*text, nullptr, false) : json();
    if (!anchor.is_object()) continue;
    list.push_back({{"name", anchor.value("name", "")},
                    {"until_us", anchor.value("until_us", std::int64_t{0})},
                    {"policy", anchor.value("policy", 0)},
                    {"templates", anchor.value("templates", json::object()).size()}});
  }
  return list.dump();
}

}  // namespace hintd::app
