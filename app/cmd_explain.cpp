#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/commands.h"
#include "app/demo_database.h"
#include "app/interrupt.h"
#include "app/policy_desk.h"
#include "app/wiring.h"
#include "learning/policy/nearest_templates.h"

namespace hintd::app {
namespace {

using nlohmann::json;

// Everything that a decision hangs on, gathered once and then shown as text or JSON.
struct StatementEvidence {
  ParsedQuery parsed;
  PlanTree default_plan;
  FeatureVector features{};
  std::vector<PlanTree> plans;  // by arm
  std::vector<std::uint16_t> group_of_arm;
  const PlanMemory::Statements* siblings = nullptr;
  Decision decision;
  std::optional<Millis> forecast;  // of the default's latency, where the rule goes by it
};

struct ArmEvidence {
  int statements = 0;
  int pairs = 0;
  std::optional<double> ratio;  // geometric mean over the template's statements
};

ArmEvidence evidence_of(const PlanMemory::Statements* statements, ArmId arm) {
  ArmEvidence found;
  double logs = 0;
  if (statements == nullptr) return found;
  for (const auto& [id, statement] : *statements) {
    if (!statement.planned()) continue;
    const auto ratio = statement.ratio(arm);
    if (!ratio) continue;
    ++found.statements;
    found.pairs += static_cast<int>(statement.runs_of(arm).paired_ratios.size());
    logs += std::log(*ratio);
  }
  if (found.statements > 0) found.ratio = std::exp(logs / found.statements);
  return found;
}

json arm_json(const StatementEvidence& e, const HintCatalogue& catalogue,
              const learning::QValues& q, ArmId arm) {
  const auto evidence = evidence_of(e.siblings, arm);
  json row = {{"arm", catalogue[arm].name},
              {"reason", catalogue[arm].reason},
              {"q_mean", q.mean(arm)},
              {"q_spread", q.spread(arm)},
              {"plan_group", e.group_of_arm[arm]},
              {"plan_cost", e.plans[arm].root.total_cost},
              {"measured_statements", evidence.statements},
              {"pairs", evidence.pairs}};
  if (evidence.ratio) row["measured_ratio"] = *evidence.ratio;
  return row;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : text) {
    if (c == '\n') {
      lines.push_back(line);
      line.clear();
    } else {
      line += c;
    }
  }
  return lines;
}

void print_side_by_side(const std::string& left_title, const PlanTree& left,
                        const std::string& right_title, const PlanTree& right) {
  const auto a = lines_of(to_text(left));
  const auto b = lines_of(to_text(right));
  std::size_t width = left_title.size();
  for (const auto& line : a) width = std::max(width, line.size());
  const int column = static_cast<int>(std::min<std::size_t>(width, 90));
  std::printf("%-*s | %s\n", column, left_title.c_str(), right_title.c_str());
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    std::printf("%-*s | %s\n", column, i < a.size() ? a[i].c_str() : "",
                i < b.size() ? b[i].c_str() : "");
}

// The arm whose plan is shown beside the default's: the chosen one, else the most promising of
// those that would change the plan. Nothing where none would.
std::optional<ArmId> arm_beside(const StatementEvidence& e, const learning::QValues& q) {
  if (e.decision.arm != kDefaultArm) return e.decision.arm;
  std::optional<ArmId> best;
  for (std::size_t i = 1; i < e.plans.size(); ++i) {
    const auto arm = static_cast<ArmId>(i);
    if (e.group_of_arm[arm] != 0 && (!best || q.mean(arm) < q.mean(*best))) best = arm;
  }
  return best;
}

void print_text(const StatementEvidence& e, const HintCatalogue& catalogue,
                const learning::QValues& q) {
  const auto& chosen = catalogue[e.decision.arm];
  std::printf("template  %s\n  %s\n",
              fingerprint_text(e.parsed.query_template->fingerprint).c_str(),
              e.parsed.query_template->normalized.c_str());
  std::printf("chosen    %s (%s), policy %u\n", chosen.name.c_str(),
              std::string(to_string(e.decision.reason)).c_str(), e.decision.policy_version);
  if (e.forecast)
    std::printf("  forecast by its literals: %.1f ms under the default\n", e.forecast->count());
  if (e.decision.patience > Millis(0))
    std::printf("  after %.1f ms under the default, %s\n", e.decision.patience.count(),
                e.decision.takes_over ? "in its place" : "beside it");
  if (e.decision.arm != kDefaultArm)
    std::printf("  %s\n  %s\n", chosen.reason.c_str(), chosen.set_local_sql().c_str());
  std::puts("\nfeatures that are not zero");
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    if (e.features[i] != 0)
      std::printf("  %-24s %8.3f\n", std::string(feature_name(i)).c_str(),
                  static_cast<double>(e.features[i]));
  std::puts(
      "\narm                       Q (log ratio)     plan        cost  measured (statements, "
      "pairs)");
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    const auto arm = static_cast<ArmId>(i);
    const auto evidence = evidence_of(e.siblings, arm);
    char measured[64] = "-";
    if (evidence.ratio)
      std::snprintf(measured, sizeof measured, "%.2fx the default (%d, %d)", *evidence.ratio,
                    evidence.statements, evidence.pairs);
    std::printf("%c %-24s %6.2f +- %4.2f  %5u %12.0f  %s\n", arm == e.decision.arm ? '*' : ' ',
                catalogue[arm].name.c_str(), static_cast<double>(q.mean(arm)),
                static_cast<double>(q.spread(arm)), e.group_of_arm[arm],
                e.plans[arm].root.total_cost, measured);
  }
  std::puts("  arms with the same plan number give the same plan; 0 is the default's\n");
  if (const auto beside = arm_beside(e, q))
    print_side_by_side("default plan", e.default_plan, "plan under " + catalogue[*beside].name,
                       e.plans[*beside]);
  else
    std::printf("default plan\n%s", to_text(e.default_plan).c_str());
}

void print_json(const StatementEvidence& e, const HintCatalogue& catalogue,
                const learning::QValues& q) {
  json arms = json::array();
  for (std::size_t i = 0; i < catalogue.size(); ++i)
    arms.push_back(arm_json(e, catalogue, q, static_cast<ArmId>(i)));
  json features;
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    features[std::string(feature_name(i))] = e.features[i];
  json explained = {{"template", fingerprint_text(e.parsed.query_template->fingerprint)},
                    {"normalized", e.parsed.query_template->normalized},
                    {"chosen", catalogue[e.decision.arm].name},
                    {"reason", to_string(e.decision.reason)},
                    {"policy_version", e.decision.policy_version},
                    {"features", features},
                    {"arms", arms},
                    {"default_plan", to_text(e.default_plan)},
                    {"chosen_plan", to_text(e.plans[e.decision.arm])}};
  if (e.forecast) explained["forecast_ms"] = e.forecast->count();
  std::printf("%s\n", explained.dump(2).c_str());
}

Status explain_statement(const CommonOptions& common, const ExplainCommand& command) {
  HINTD_TRY(const auto settings, settings_for(common));
  HINTD_TRY(const auto wanted, catalogue_for(common, settings));
  StatementEvidence e;
  HINTD_TRY(e.parsed, parse_query(command.sql));
  if (e.parsed.query_template->kind != StatementKind::kReadOnlySelect)
    return fail(ErrorKind::kInvalidInput, "this is not one read-only SELECT",
                "hintd leaves everything else alone; give a single SELECT");
  const auto folder = command.out.empty() ? common.data_dir / "demo" : command.out;
  const Learned files(folder);
  // Once more below, with the hint sets that the server takes: first, because it may not be needed.
  HINTD_TRY_STATUS(learning::load_memory(files.memory, wanted));
  catch_interrupts();
  Progress progress(common.json);
  HINTD_TRY(auto database, DemoDatabase::open(common.dsn, common.data_dir, progress));
  HINTD_TRY(const auto accepted, accepted_catalogue(database.dsn(), wanted));
  const auto& catalogue = accepted.catalogue;
  HINTD_TRY(const auto learned, load_learned(files, settings, catalogue));
  const auto& memory = learned.stored.memory;
  const auto& agent = learned.agent;
  HINTD_TRY(const auto deployed, deployed_in(folder, catalogue));

  HINTD_TRY(auto executor, database::PgExecutor::connect({database.dsn()}));
  std::vector<std::uint64_t> identities;
  for (const auto& set : catalogue.sets()) {
    HINTD_TRY(auto plan, executor->explain(command.sql, set));
    identities.push_back(plan.identity(set));
    e.plans.push_back(std::move(plan));
  }
  e.default_plan = e.plans.front();
  e.group_of_arm = plan_groups(identities);
  HINTD_TRY(const auto state, executor->database_state());
  e.features = features_of(e.parsed.query_template->shape, e.default_plan, state);

  const auto fingerprint = e.parsed.query_template->fingerprint;
  if (const auto it = memory.templates().find(fingerprint); it != memory.templates().end())
    e.siblings = &it->second;
  const MemoryPolicy policy(deployed.id, deployed.rules,
                            std::make_shared<learning::NearestTemplates>(
                                settings.unseen, static_cast<float>(settings.agent.risk_bound),
                                memory, agent.snapshot()));
  if (const auto it = deployed.rules.find(fingerprint);
      it != deployed.rules.end() && it->second.cases_by == TemplateRule::CasesBy::kForecast)
    e.forecast = Millis(std::exp(it->second.forecast.log_ms_of(e.parsed.literals)));
  const PlannedState planned{e.default_plan.shape_hash(), e.features};
  e.decision = policy.choose({fingerprint, e.parsed.literals, &planned});
  const auto q = agent.snapshot()->evaluate(e.features);
  if (common.json)
    print_json(e, catalogue, q);
  else
    print_text(e, catalogue, q);
  return {};
}

}  // namespace

int explain(const CommonOptions& common, const ExplainCommand& command) {
  const auto status = explain_statement(common, command);
  return status ? kExitDone : fail_with(status.error());
}

}  // namespace hintd::app
