#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/policy_desk.h"
#include "app/proposals.h"
#include "app/sandbox.h"
#include "app/wiring.h"
#include "core/durable_file.h"
#include "core/statistics.h"
#include "core/template_cache.h"
#include "database/demo/workload.h"
#include "learning/policy/memory_file.h"
#include "learning/policy/policy_file.h"
#include "telemetry/reader.h"

namespace hintd::app {
namespace {

using learning::PolicyId;
using learning::PolicyStore;
using nlohmann::json;

constexpr int kTrafficDraws = 4000;

std::filesystem::path run_folder(const CommonOptions& common, const PolicyCommand& command) {
  return command.out.empty() ? common.data_dir / "demo" : command.out;
}

std::string actor() {
  const char* user = std::getenv("USER");
  return user != nullptr && *user != '\0' ? user : "uid " + std::to_string(getuid());
}

std::string time_text(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t when = seconds.time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&when, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

int print_list(const learning::StoreState& state, bool as_json) {
  json list = json::array();
  if (!as_json) std::printf("%6s %7s  %-19s %-11s  %s\n", "id", "parent", "made", "state", "why");
  for (const auto& [id, status] : state.policies) {
    const auto& head = status.head;
    const std::string shown =
        status.banned ? "banned" : std::string(learning::to_string(status.state));
    if (as_json) {
      list.push_back({{"id", id},
                      {"state", learning::to_string(status.state)},
                      {"banned", status.banned},
                      {"why", status.why},
                      {"deployed", id == state.deployed},
                      {"parent", head.parent},
                      {"templates", head.templates},
                      {"evidence", json::parse(head.evidence, nullptr, false)}});
      continue;
    }
    std::printf("%c%5u %7u  %-19s %-11s  %s\n", id == state.deployed ? '*' : ' ', id, head.parent,
                time_text(head.made).c_str(), shown.c_str(), status.why.c_str());
  }
  if (as_json)
    std::printf("%s\n",
                json{{"deployed", state.deployed}, {"pinned", state.pinned}, {"policies", list}}
                    .dump(2)
                    .c_str());
  else
    std::printf("%s serves%s\n",
                state.deployed == learning::kNoPolicy
                    ? "PostgreSQL's own planner"
                    : ("policy " + std::to_string(state.deployed)).c_str(),
                state.pinned ? ", pinned" : "");
  return kExitDone;
}

int print_audit(const PolicyStore& store, bool as_json) {
  json lines = json::array();
  for (const auto& line : store.audit()) {
    if (as_json)
      lines.push_back({{"line", line.line},
                       {"time", time_text(line.time)},
                       {"actor", line.actor},
                       {"action", line.action},
                       {"policy", line.policy},
                       {"detail", line.detail}});
    else
      std::printf("%5lld  %s  %-10s %-11s policy %-4u %s\n", static_cast<long long>(line.line),
                  time_text(line.time).c_str(), line.actor.c_str(), line.action.c_str(),
                  line.policy, line.detail.c_str());
  }
  if (as_json) std::printf("%s\n", lines.dump(2).c_str());
  return kExitDone;
}

// Texts of the templates, where a run's telemetry is at hand.
std::map<std::uint64_t, std::string> template_texts(const std::filesystem::path& folder) {
  auto reader = telemetry::Reader::open(folder / "telemetry.sqlite");
  if (!reader) return {};
  return reader->read_templates().value_or(std::map<std::uint64_t, std::string>{});
}

Result<int> check_policy(const CommonOptions& common, const PolicyCommand& command,
                         PolicyStore& store, const HintCatalogue& catalogue) {
  HINTD_TRY(const auto spec, policy_spec_for(common, command.spec));
  HINTD_TRY(const auto policy, store.load(command.id));
  const auto folder = run_folder(common, command);
  const auto stored = learning::load_memory(folder / "memory.ckpt", catalogue);
  const auto memory = stored ? stored->memory : PlanMemory{};
  const GovernanceDesk desk(spec, catalogue, memory, template_texts(folder), "");
  json refused = json::array();
  for (const auto& [fingerprint, rule] : policy.rules) {
    std::vector<RunChoice> choices = {rule.rest};
    for (const auto& [key, choice] : rule.cases) choices.push_back(choice);
    for (const auto& choice : choices) {
      if (choice.arm == kDefaultArm) continue;
      const auto verdict = desk.check(fingerprint, rule, choice);
      if (!verdict.allowed) refused.push_back({{"rule", verdict.rule}, {"why", verdict.why}});
    }
  }
  const auto named = spec.id + " version " + std::to_string(spec.version);
  HINTD_TRY_STATUS(store.note(
      actor(), "check", command.id,
      named + (refused.empty() ? ": allowed" : ": " + refused.front()["why"].get<std::string>())));
  if (common.json) {
    std::printf("%s\n", json{{"policy", command.id},
                             {"spec", spec.id},
                             {"version", spec.version},
                             {"allowed", refused.empty()},
                             {"refused", refused}}
                            .dump(2)
                            .c_str());
  } else {
    for (const auto& entry : refused) std::printf("%s\n", entry["why"].get<std::string>().c_str());
    std::printf("policy %u is %s by %s\n", command.id, refused.empty() ? "allowed" : "not allowed",
                named.c_str());
  }
  return refused.empty() ? kExitDone : kExitFailed;
}

// What the statement takes under the default; of its template where it was not measured itself.
double known_default_ms(const PlanMemory& memory, const ParsedQuery& parsed) {
  const auto fingerprint = parsed.query_template->fingerprint;
  const auto it = memory.templates().find(fingerprint);
  if (it == memory.templates().end()) return 0;
  const auto own = it->second.find(PlanMemory::id_of(fingerprint, parsed.literals));
  if (own != it->second.end() && own->second.default_ms() > 0) return own->second.default_ms();
  std::vector<double> others;
  for (const auto& [id, statement] : it->second)
    if (statement.default_ms() > 0) others.push_back(statement.default_ms());
  return median(std::move(others));
}

// The traffic that a candidate is tried on: the demo's, or a file's.
Result<learning::StatementSample> traffic(const PolicyCommand& command, const std::string& dsn,
                                          const config::Settings& settings,
                                          const PlanMemory& memory) {
  const Rng rng(settings.workload.seed);
  learning::StatementSample sample(settings.level1.statements_per_template, rng.split("sample"));
  TemplateCache templates;
  const auto offer = [&](const std::string& sql) {
    if (const auto parsed = templates.get(sql))
      sample.offer(sql, *parsed, known_default_ms(memory, *parsed));
  };
  if (!command.statements.empty()) {
    HINTD_TRY(const auto text, read_file(command.statements));
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) offer(line);
    return sample;
  }
  HINTD_TRY(const auto workload, database::demo::Workload::create(dsn, settings.workload));
  Rng draws = rng.split("draws");
  for (int i = 0; i < kTrafficDraws; ++i) offer(workload.draw(draws).sql);
  return sample;
}

// What `hintd serve` lives by is served on one connection.
learning::Connections connections_of(const std::filesystem::path& folder) {
  auto reader = telemetry::Reader::open(folder / "telemetry.sqlite");
  const auto last = reader ? reader->read_report(SystemClock().now()) : Result<telemetry::Report>{};
  return last && last->command == "serve" ? learning::Connections::kOne
                                          : learning::Connections::kTwo;
}

Result<int> learn(const CommonOptions& common, const PolicyCommand& command) {
  HINTD_TRY(auto settings, settings_for(common));
  HINTD_TRY(const auto wanted, catalogue_for(common, settings));
  HINTD_TRY(const auto spec, policy_spec_for(common, command.spec));
  settings.rules.max_risk = spec.max_risk;
  const auto folder = run_folder(common, command);
  const Learned files(folder);
  HINTD_TRY_STATUS(learning::load_memory(files.memory, wanted));  // before a server is started
  Progress progress(common.json);
  HINTD_TRY(auto database, DemoDatabase::open(common.dsn, common.data_dir, progress));
  HINTD_TRY(const auto accepted, accepted_catalogue(database.dsn(), wanted));
  const auto& catalogue = accepted.catalogue;
  HINTD_TRY(auto stored, learning::load_memory(files.memory, catalogue));
  HINTD_TRY(const auto server, server_identity(database.dsn()));
  HINTD_TRY(const auto role,
            sandbox_role_for(settings.level1, database.dsn(), database.is_private()));
  SystemClock clock;
  const auto connections = connections_of(folder);
  HINTD_TRY(auto sandbox,
            PairSandbox::open(database.dsn(), role, catalogue, settings.safety, clock));
  HINTD_TRY(auto store, PolicyStore::open(folder / "policies", server, catalogue, clock));
  HINTD_TRY(const auto sample, traffic(command, database.dsn(), settings, stored.memory));
  const GovernanceDesk governance(spec, catalogue, stored.memory, template_texts(folder), role);
  const auto now = governance.check_now(clock.now(), "steer");
  if (!now.allowed)
    return fail(ErrorKind::kConflict, "no policy may be deployed now: " + now.why,
                "wait, or change the governance file");

  const auto names = names_of(catalogue);
  std::vector<LoggedRun> runs;
  if (auto reader = telemetry::Reader::open(folder / "telemetry.sqlite")) {
    HINTD_TRY(const auto state, store.state());
    HINTD_TRY(const auto deployed, store.load(state.deployed));
    HINTD_TRY(runs, reader->read_runs(names, deployed.made));
  }
  const learning::RuleLearner rules(settings.rules);
  const auto make_policy = [](std::uint32_t version, TemplateRules learned) {
    return std::make_shared<MemoryPolicy>(version, std::move(learned));
  };
  Level1Parts level1{
      settings.level1,
      rules,
      stored.memory,
      sample,
      std::move(runs),
      folder / "policies" / "pins.jsonl",
      config::to_json(settings),
      [&](std::uint64_t fingerprint, const TemplateRule& rule, const RunChoice& choice) {
        return governance.check(fingerprint, rule, choice).why;
      },
      connections};
  progress.say("trying a candidate on " + std::to_string(sample.templates().size()) +
               " templates, at most " + std::to_string(settings.level1.max_pairs) + " pairs");
  HINTD_TRY(const auto outcome,
            learn_policy({store, catalogue, clock, make_policy}, std::move(level1), *sandbox,
                         Rng(settings.workload.seed).split("validation"), actor(),
                         [&](PolicyId id, const std::string& why) {
                           return store.deploy(id, actor(), why);
                         }));
  HINTD_TRY_STATUS(
      learning::save_memory(files.memory, stored.memory, stored.policy_version, catalogue));
  if (common.json)
    std::printf("%s\n", json{{"policy", outcome.id},
                             {"deployed", outcome.deployed},
                             {"why", outcome.why},
                             {"validation", json::parse(learning::to_json(outcome.report))}}
                            .dump(2)
                            .c_str());
  else if (outcome.id == learning::kNoPolicy)
    std::printf("nothing new: %s\n", outcome.why.c_str());
  else
    std::printf("policy %u is %s: %s\n", outcome.id, outcome.deployed ? "deployed" : "rejected",
                outcome.why.c_str());
  return kExitDone;
}

Result<int> decide(const CommonOptions& common, const PolicyCommand& command) {
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto catalogue, catalogue_for(common, settings));
  const auto folder = run_folder(common, command) / "policies";
  if (!std::filesystem::exists(folder / "state.json"))
    return fail(ErrorKind::kNotFound, "there are no policies in " + folder.string(),
                "run hintd policy learn first, or name the run's folder with --out");
  SystemClock clock;
  HINTD_TRY(auto store, PolicyStore::open(folder, "", catalogue, clock));
  const auto& action = command.action;
  const auto id = command.id;
  if (action == "list") {
    HINTD_TRY(const auto state, store.state());
    return print_list(state, common.json);
  }
  if (action == "audit") return print_audit(store, common.json);
  if (action == "check") return check_policy(common, command, store, catalogue);
  if (action == "show") {
    HINTD_TRY(const auto policy, store.load(id));
    std::fputs(learning::to_text(policy, catalogue).c_str(), stdout);
    return kExitDone;
  }
  std::string done = action + ": policy " + std::to_string(id);
  if (action == "approve") {
    HINTD_TRY_STATUS(store.approve(id, actor(), command.why));
  } else if (action == "reject") {
    HINTD_TRY_STATUS(store.reject(id, actor(), command.why));
  } else if (action == "ban") {
    HINTD_TRY_STATUS(store.ban(id, actor(), command.why));
  } else if (action == "deploy") {
    HINTD_TRY_STATUS(store.deploy(id, actor(), command.why));
  } else if (action == "pin") {
    HINTD_TRY_STATUS(store.pin(id, actor()));
  } else if (action == "unpin") {
    HINTD_TRY_STATUS(store.unpin(actor()));
    done = "unpinned";
  } else if (action == "rollback") {
    HINTD_TRY(const auto now, store.roll_back(actor(), command.why));
    done = now == learning::kNoPolicy ? "PostgreSQL's own planner serves"
                                      : "policy " + std::to_string(now) + " serves";
  } else {
    HINTD_TRY(const auto text, read_file(command.file));
    HINTD_TRY(const auto added, store.import(text, command.file.string(), actor()));
    done = "imported as policy " + std::to_string(added) + ", unapproved";
  }
  if (common.json)
    std::printf("%s\n", json{{"done", done}}.dump().c_str());
  else
    std::printf("%s\n", done.c_str());
  return kExitDone;
}

}  // namespace

int policy(const CommonOptions& common, const PolicyCommand& command) {
  const auto status = command.action == "learn" ? learn(common, command) : decide(common, command);
  return status ? *status : fail_with(status.error());
}

}  // namespace hintd::app
