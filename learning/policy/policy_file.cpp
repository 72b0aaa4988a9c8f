#include "learning/policy/policy_file.h"

#include <map>
#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "core/rng.h"

namespace hintd::learning {
namespace {

using nlohmann::json;
using CasesBy = TemplateRule::CasesBy;

constexpr int kPolicyFormat = 1;
constexpr auto kKind = "hintd policy";
constexpr const char* kCasesBy[] = {"nothing", "literal", "plan", "forecast"};

DecisionReason reason_named(const std::string& name) {
  for (int i = 0; i < kDecisionReasonCount; ++i)
    if (to_string(static_cast<DecisionReason>(i)) == name) return static_cast<DecisionReason>(i);
  throw std::invalid_argument("an unknown reason");
}

CasesBy cases_by_named(const std::string& name) {
  for (std::size_t i = 0; i < std::size(kCasesBy); ++i)
    if (kCasesBy[i] == name) return static_cast<CasesBy>(i);
  throw std::invalid_argument("an unknown kind of case");
}

json to_json(const RunChoice& choice, const HintCatalogue& catalogue) {
  return {{"arm", catalogue[choice.arm].name},
          {"patience_ms", choice.patience.count()},
          {"switch_after_ms", choice.switch_after.count()},
          {"takes_over", choice.takes_over}};
}

json to_json(const LatencyForecast& forecast) {
  json effects = json::array();
  for (const auto& [literal, value, log_ratio] : forecast.effects)
    effects.push_back({literal, fingerprint_text(value), log_ratio});
  return {{"log_ms", forecast.log_ms}, {"effects", effects}};
}

json to_json(std::uint64_t fingerprint, const TemplateRule& rule, const HintCatalogue& catalogue) {
  json cases = json::array();
  for (const auto& [key, choice] : rule.cases)
    cases.push_back({fingerprint_text(key), to_json(choice, catalogue)});
  json value = {{"template", fingerprint_text(fingerprint)},
                {"rest", to_json(rule.rest, catalogue)},
                {"reason", to_string(rule.reason)},
                {"cases_by", kCasesBy[static_cast<int>(rule.cases_by)]},
                {"literal", rule.literal},
                {"cases", cases},
                {"default_ms", rule.default_latency.count()}};
  if (rule.cases_by == CasesBy::kForecast) value["forecast"] = to_json(rule.forecast);
  return value;
}

// Names what it does not find.
struct UnknownArm {
  std::string name;
};

ArmId arm_named(const std::string& name, const HintCatalogue& catalogue) {
  if (const auto arm = catalogue.find(name)) return *arm;
  throw UnknownArm{name};
}

RunChoice choice_from(const json& value, const HintCatalogue& catalogue) {
  const auto millis = [&](const char* key) { return Millis(value.at(key).get<double>()); };
  return {arm_named(value.at("arm"), catalogue), millis("patience_ms"), millis("switch_after_ms"),
          value.value("takes_over", false)};
}

LatencyForecast forecast_from(const json& value) {
  LatencyForecast forecast{value.at("log_ms"), {}};
  for (const auto& effect : value.at("effects"))
    forecast.effects.push_back(
        {effect.at(0), fingerprint_from(effect.at(1).get<std::string>()).value(), effect.at(2)});
  return forecast;
}

TemplateRule rule_from(const json& value, const HintCatalogue& catalogue) {
  TemplateRule rule;
  rule.rest = choice_from(value.at("rest"), catalogue);
  rule.reason = reason_named(value.at("reason"));
  rule.cases_by = cases_by_named(value.at("cases_by"));
  rule.literal = value.at("literal");
  for (const auto& entry : value.at("cases"))
    rule.cases.emplace_back(fingerprint_from(entry.at(0).get<std::string>()).value(),
                            choice_from(entry.at(1), catalogue));
  if (rule.cases_by == CasesBy::kForecast) rule.forecast = forecast_from(value.at("forecast"));
  rule.default_latency = Millis(value.at("default_ms").get<double>());
  return rule;
}

json content_of(const PolicyVersion& policy, const HintCatalogue& catalogue) {
  // Ordered, so that the same rules are the same text.
  const std::map<std::uint64_t, TemplateRule> ordered(policy.rules.begin(), policy.rules.end());
  json rules = json::array();
  for (const auto& [fingerprint, rule] : ordered)
    rules.push_back(to_json(fingerprint, rule, catalogue));
  return {{"id", policy.id},
          {"parent", policy.parent},
          {"made_us", micros(policy.made)},
          {"server", policy.server},
          {"evidence", policy.evidence},
          {"judged", policy.judged},
          {"hyperparameters", policy.hyperparameters},
          {"rules", rules}};
}

tl::unexpected<Error> not_ours(const std::string& name, const std::string& why) {
  return fail(ErrorKind::kCorrupt, name + " is not a usable policy: " + why,
              "use another version, or export it again");
}

}  // namespace

std::string_view to_string(PolicyState state) {
  constexpr std::string_view kNames[] = {"unapproved", "approved", "preferred", "rejected"};
  return kNames[static_cast<int>(state)];
}

std::string to_text(const PolicyVersion& policy, const HintCatalogue& catalogue) {
  const auto content = content_of(policy, catalogue);
  return json{{"kind", kKind},
              {"format", kPolicyFormat},
              {"checksum", fingerprint_text(stable_hash(content.dump()))},
              {"content", content}}
             .dump(1) +
         "\n";
}

Result<PolicyVersion> policy_from(std::string_view text, const HintCatalogue& catalogue,
                                  const std::string& name) {
  try {
    const auto file = json::parse(text);
    if (file.value("kind", "") != kKind) return not_ours(name, "another kind of file");
    if (file.at("format") != kPolicyFormat)
      return not_ours(name, "written by another version of hintd");
    const auto& content = file.at("content");
    if (fingerprint_from(file.at("checksum").get<std::string>()).value() !=
        stable_hash(content.dump()))
      return not_ours(name, "its checksum does not fit its content");
    PolicyVersion policy;
    policy.id = content.at("id");
    policy.parent = content.at("parent");
    policy.made = time_point(content.at("made_us").get<std::int64_t>());
    policy.server = content.at("server");
    policy.evidence = content.at("evidence");
    policy.judged = content.at("judged").get<std::vector<std::uint64_t>>();
    policy.hyperparameters = content.at("hyperparameters");
    for (const auto& rule : content.at("rules"))
      policy.rules.emplace(fingerprint_from(rule.at("template").get<std::string>()).value(),
                           rule_from(rule, catalogue));
    return policy;
  } catch (const UnknownArm& unknown) {
    return fail(ErrorKind::kConflict,
                name + " uses the hint set " + unknown.name + ", which is not in hints.yaml",
                "add it there, or use another version");
  } catch (const std::exception&) {
    return not_ours(name, "it does not read as JSON of that kind");
  }
}

}  // namespace hintd::learning
