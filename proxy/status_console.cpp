#include "proxy/status_console.h"

#include <algorithm>
#include <cstdio>

namespace hintd::proxy {
namespace {

constexpr std::size_t kMaxTemplatesShown = 100;

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::kObserve:
      return "observe";
    case Mode::kAdvise:
      return "advise";
    case Mode::kSteer:
      return "steer";
  }
  return "unknown";
}

std::string millis_text(Millis value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value.count());
  return text;
}

std::string_view name_of(TemplateRule::CasesBy by) {
  switch (by) {
    case TemplateRule::CasesBy::kLiteral:
      return "literal";
    case TemplateRule::CasesBy::kPlan:
      return "plan";
    case TemplateRule::CasesBy::kForecast:
      return "forecast";
    default:
      return "";
  }
}

}  // namespace

std::optional<ConsoleTable> Proxy::StatusConsole::show(std::string_view topic) const {
  if (topic == "status") return status();
  if (topic == "stats") return stats();
  if (topic == "templates") return templates();
  if (topic == "policy") return policy();
  return std::nullopt;
}

ConsoleTable Proxy::StatusConsole::status() const {
  const auto counts = proxy_.counts();
  const auto policy = proxy_.parts_.optimizer.policy();
  const auto hinted = counts.passed[static_cast<std::size_t>(PassReason::kHinted)];
  const auto& forced = proxy_.parts_.forced;
  return {{"name", "value"},
          {{"mode", std::string(name_of(proxy_.parts_.optimizer.mode()))},
           {"hints", proxy_.hints_switched_on() ? "on" : "off"},
           {"forced_hints", forced ? proxy_.parts_.catalogue[*forced].name : ""},
           {"policy_version", policy ? std::to_string(policy->version()) : ""},
           {"listening", proxy_.listening_.text()},
           {"server", proxy_.server_.address.text()},
           {"clients", std::to_string(counts.open)},
           {"max_clients", std::to_string(proxy_.config_.max_connections)},
           {"statements", std::to_string(counts.statements)},
           {"hinted", std::to_string(hinted)},
           {"hints_refused_by_server", std::to_string(counts.injection_failures)},
           {"telemetry_dropped", std::to_string(counts.telemetry_dropped)},
           {"learning", proxy_.parts_.learning ? proxy_.parts_.learning() : "off"},
           {"internal_errors", std::to_string(counts.internal_errors)}}};
}

ConsoleTable Proxy::StatusConsole::stats() const {
  const auto counts = proxy_.counts();
  ConsoleTable table{{"name", "value"}, {}};
  const auto add = [&](const std::string& name, std::int64_t value) {
    table.rows.push_back({name, std::to_string(value)});
  };
  add("connections", counts.connections);
  add("open", counts.open);
  add("refused", counts.refused);
  add("cancels", counts.cancels);
  add("statements", counts.statements);
  add("errors", counts.errors);
  add("rows", counts.rows);
  add("row_bytes", counts.bytes);
  add("hints_refused_by_server", counts.injection_failures);
  add("telemetry_dropped", counts.telemetry_dropped);
  for (std::size_t i = 0; i < kPassReasonCount; ++i)
    add("passed." + std::string(to_string(static_cast<PassReason>(i))), counts.passed[i]);
  return table;
}

ConsoleTable Proxy::StatusConsole::templates() const {
  const auto totals = proxy_.template_totals();
  std::vector<std::pair<std::uint64_t, const TemplateTotal*>> slowest;
  for (const auto& [fingerprint, total] : totals) slowest.emplace_back(fingerprint, &total);
  std::sort(slowest.begin(), slowest.end(),
            [](const auto& a, const auto& b) { return a.second->total > b.second->total; });
  if (slowest.size() > kMaxTemplatesShown) slowest.resize(kMaxTemplatesShown);
  ConsoleTable table{
      {"template", "statements", "hinted", "total_ms", "mean_ms", "slowest_ms", "text"}, {}};
  for (const auto& [fingerprint, total] : slowest)
    table.rows.push_back({fingerprint_text(fingerprint), std::to_string(total->statements),
                          std::to_string(total->hinted), millis_text(total->total),
                          millis_text(total->total / std::max<double>(1, total->statements)),
                          millis_text(total->slowest), total->query_template->normalized});
  return table;
}

ConsoleTable Proxy::StatusConsole::policy() const {
  ConsoleTable table{{"template", "arm", "patience_ms", "cases_by", "cases", "default_ms"}, {}};
  const auto policy = proxy_.parts_.optimizer.policy();
  const auto* memory = dynamic_cast<const MemoryPolicy*>(policy.get());
  if (memory == nullptr) return table;
  for (const auto& [fingerprint, rule] : memory->rules())
    table.rows.push_back({fingerprint_text(fingerprint),
                          proxy_.parts_.catalogue[rule.rest.arm].name,
                          millis_text(rule.rest.patience), std::string(name_of(rule.cases_by)),
                          std::to_string(rule.cases.size()), millis_text(rule.default_latency)});
  return table;
}

}  // namespace hintd::proxy
