#include "learning/tune/policy_file.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/query_template.h"

namespace hintd::learning {
namespace {

using nlohmann::json;

constexpr const char* kTunedKind = "hintd tuned policy";

json settings_json(const std::vector<Setting>& settings) {
  json object = json::object();
  for (const auto& [name, value] : settings) object[name] = value;
  return object;
}

std::vector<Setting> settings_from(const json& object) {
  std::vector<Setting> settings;
  for (const auto& [name, value] : object.items()) settings.push_back({name, value});
  return settings;
}

json to_json(const Interval& interval) {
  return {interval.low, interval.high};
}

Interval interval_from(const json& pair) {
  return {pair.at(0), pair.at(1)};
}

std::uint64_t id_from(const std::string& text) {
  return fingerprint_from(text).value();
}

json to_json(const TunedStatement& one) {
  json literals = json::array();
  for (const auto literal : one.literals) literals.push_back(fingerprint_text(literal));
  return {{"name", one.name},
          {"literals", literals},
          {"hint", one.hint},
          {"default_ms", one.default_ms},
          {"default_interval_ms", to_json(one.default_interval)},
          {"tuned_ms", one.tuned_ms},
          {"tuned_interval_ms", to_json(one.tuned_interval)},
          {"ratio", one.ratio},
          {"ratio_interval", to_json(one.ratio_interval)},
          {"pairs", one.pairs},
          {"rows", one.rows}};
}

TunedStatement statement_from(const json& from) {
  TunedStatement one;
  one.name = from.at("name");
  for (const auto& literal : from.at("literals")) one.literals.push_back(id_from(literal));
  one.hint = from.at("hint");
  one.default_ms = from.at("default_ms");
  one.default_interval = interval_from(from.at("default_interval_ms"));
  one.tuned_ms = from.at("tuned_ms");
  one.tuned_interval = interval_from(from.at("tuned_interval_ms"));
  one.ratio = from.at("ratio");
  one.ratio_interval = interval_from(from.at("ratio_interval"));
  one.pairs = from.at("pairs");
  one.rows = from.at("rows");
  return one;
}

json to_json(const TunedTemplate& one) {
  json statements = json::array();
  for (const auto& statement : one.statements) statements.push_back(to_json(statement));
  return {{"fingerprint", fingerprint_text(one.fingerprint)},
          {"normalized", one.normalized},
          {"hint", one.hint.empty() ? json() : json(one.hint)},
          {"measured_statements", one.measured},
          {"statements", statements}};
}

TunedTemplate template_from(const json& from) {
  TunedTemplate one;
  one.fingerprint = id_from(from.at("fingerprint"));
  one.normalized = from.at("normalized");
  if (!from.at("hint").is_null()) one.hint = from.at("hint");
  one.measured = from.at("measured_statements");
  for (const auto& statement : from.at("statements"))
    one.statements.push_back(statement_from(statement));
  return one;
}

json to_json(const MeasuredPlan& plan) {
  json hints = json::object();
  for (const auto& [hint, log_ratio, stopped] : plan.hints)
    hints[hint] = {{"log_ratio", log_ratio}, {"stopped", stopped}};
  return {{"fingerprint", fingerprint_text(plan.fingerprint)},
          {"features", plan.features},
          {"hints", hints}};
}

MeasuredPlan plan_from(const json& from) {
  MeasuredPlan plan;
  plan.fingerprint = id_from(from.at("fingerprint"));
  plan.features = from.at("features").get<FeatureVector>();
  for (const auto& [hint, evidence] : from.at("hints").items())
    plan.hints.push_back({hint, evidence.at("log_ratio"), evidence.at("stopped")});
  return plan;
}

TunedPolicy policy_from(const json& from) {
  TunedPolicy policy;
  policy.created = from.at("created");
  const auto& on = from.at("measured_on");
  policy.measured_on = {on.at("server_version"), settings_from(on.at("settings")),
                        on.at("schema_fingerprint"), on.at("statistics_fingerprint")};
  if (!from.at("stale").is_null()) policy.stale = from.at("stale");
  for (const auto& [name, set] : from.at("hint_sets").items())
    policy.hint_sets.push_back({name, set.at("reason"), settings_from(set.at("settings"))});
  for (const auto& one : from.at("templates")) policy.templates.push_back(template_from(one));
  for (const auto& plan : from.at("plans")) policy.plans.push_back(plan_from(plan));
  for (const auto& one : policy.templates)
    for (const auto& statement : one.statements)
      if (policy.find_hint(statement.hint) == nullptr)
        throw std::invalid_argument("hint set '" + statement.hint + "' is not among hint_sets");
  return policy;
}

tl::unexpected<Error> not_ours(const std::filesystem::path& path, const std::string& why) {
  return fail(ErrorKind::kCorrupt, path.string() + " is not a usable policy: " + why,
              "give the policy.json that hintd tune wrote");
}

// The arm of the catalogue that is this very hint set.
std::optional<ArmId> arm_of(const TunedPolicy& policy, const HintCatalogue& catalogue,
                            const std::string& hint) {
  const auto* set = policy.find_hint(hint);
  const auto arm = catalogue.find(hint);
  if (set == nullptr || !arm) return std::nullopt;
  const auto sorted = [](std::vector<Setting> settings) {
    std::sort(settings.begin(), settings.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return settings;
  };
  if (sorted(set->settings) != sorted(catalogue[*arm].settings)) return std::nullopt;
  return arm;
}

}  // namespace

std::string policy_json(const TunedPolicy& policy) {
  json sets = json::object();
  for (const auto& set : policy.hint_sets)
    sets[set.name] = {{"reason", set.reason}, {"settings", settings_json(set.settings)}};
  json templates = json::array();
  for (const auto& one : policy.templates) templates.push_back(to_json(one));
  json plans = json::array();
  for (const auto& plan : policy.plans) plans.push_back(to_json(plan));
  const auto& on = policy.measured_on;
  return json{{"kind", kTunedKind},
              {"schema", kPolicySchema},
              {"created", policy.created},
              {"measured_on",
               {{"server_version", on.server_version},
                {"settings", settings_json(on.settings)},
                {"schema_fingerprint", on.schema},
                {"statistics_fingerprint", on.statistics}}},
              {"stale", policy.stale.empty() ? json() : json(policy.stale)},
              {"hint_sets", sets},
              {"templates", templates},
              {"plans", plans}}
      .dump(2, ' ', false, json::error_handler_t::replace);
}

Status save_policy(const std::filesystem::path& path, const TunedPolicy& policy) {
  const auto scratch = path.string() + ".new";
  std::ofstream out(scratch, std::ios::binary | std::ios::trunc);
  out << policy_json(policy) << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(scratch, path, error);
  if (out && !error) return {};
  std::filesystem::remove(scratch, error);
  return fail(ErrorKind::kExhausted, "cannot write " + path.string(),
              "free space or choose another folder with --out");
}

Result<TunedPolicy> load_policy(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    return fail(ErrorKind::kNotFound, "there is no policy at " + path.string(),
                "run hintd tune first");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  try {
    const auto file = json::parse(text);
    if (file.value("kind", "") != kTunedKind) return not_ours(path, "another kind of file");
    if (file.at("schema") != kPolicySchema)
      return not_ours(path, "its schema is " + file.at("schema").dump() + ", not " +
                                std::to_string(kPolicySchema));
    return policy_from(file);
  } catch (const std::invalid_argument& error) {
    return not_ours(path, error.what());
  } catch (const std::exception&) {
    return not_ours(path, "it does not read as JSON of that kind");
  }
}

TemplateRules rules_of(const TunedPolicy& policy, const HintCatalogue& catalogue) {
  TemplateRules rules;
  for (const auto& one : policy.templates) {
    TemplateRule rule;
    std::vector<double> defaults;
    rule.rest.arm = arm_of(policy, catalogue, one.hint).value_or(kDefaultArm);
    rule.cases_by = TemplateRule::CasesBy::kLiteral;
    for (const auto& statement : one.statements) {
      defaults.push_back(statement.default_ms);
      const auto arm = arm_of(policy, catalogue, statement.hint);
      if (arm && *arm != rule.rest.arm && statement.literals.size() == 1)
        rule.cases.emplace_back(statement.literals.front(), RunChoice{*arm, Millis(0)});
    }
    if (rule.cases.empty()) rule.cases_by = TemplateRule::CasesBy::kNothing;
    std::sort(rule.cases.begin(), rule.cases.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    rule.default_latency = Millis(median(defaults));
    if (rule.steers()) rules.emplace(one.fingerprint, std::move(rule));
  }
  return rules;
}

}  // namespace hintd::learning
