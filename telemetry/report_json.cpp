#include "telemetry/report_json.h"

#include <nlohmann/json.hpp>

#include "telemetry/format.h"

namespace hintd::telemetry {
namespace {

// Keeps the order in which keys are added: the file is read by people too.
using Json = nlohmann::ordered_json;

template <class Values, class Convert>
Json list(const Values& values, Convert convert) {
  auto array = Json::array();
  for (const auto& value : values) array.push_back(convert(value));
  return array;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json time_or_null(const std::optional<TimePoint>& time) {
  return time ? Json(iso_time(*time)) : Json(nullptr);
}

Json to_json(const std::optional<Percentiles>& latency) {
  if (!latency) return {{"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}};
  return {{"p50", latency->p50}, {"p95", latency->p95}, {"p99", latency->p99}};
}

Json to_json(const PhaseReport& phase) {
  return {{"name", phase.name},
          {"started", iso_time(phase.started)},
          {"ended", iso_time(phase.ended)},
          {"queries", phase.queries},
          {"failures", phase.failures},
          {"p50", phase.latency_ms.p50},
          {"p95", phase.latency_ms.p95},
          {"p99", phase.latency_ms.p99},
          {"success_rate", phase.success_rate()},
          {"queries_per_hour", phase.queries_per_hour()},
          {"hinted_share", phase.hinted_share()},
          {"timed_out", phase.timed_out}};
}

Json to_json(const EvaluatedQuery& query) {
  return {{"query", query.query},
          {"template", query.template_name},
          {"arm", query.arm},
          {"reason", query.reason},
          {"oracle_arm", query.oracle_arm},
          {"default_ms", query.default_ms},
          {"learned_ms", query.learned_ms},
          {"oracle_ms", query.oracle_ms},
          {"ratio", query.ratio},
          {"ci_low", query.ci_low},
          {"ci_high", query.ci_high},
          {"pairs", query.pairs},
          {"distinct_plans", query.distinct_plans}};
}

Json split_figures(const SplitReport& split) {
  return {{"queries", split.queries()},
          {"default_ms", split.default_ms},
          {"learned_ms", split.learned_ms},
          {"oracle_ms", split.oracle_ms},
          {"gain_captured", or_null(split.gain_captured)},
          {"improved_share", split.improved_share},
          {"regressed_share", split.regressed_share},
          {"worst_ratio", split.worst_ratio},
          {"speedup", split.speedup},
          {"oracle_speedup", split.oracle_speedup},
          {"oracle_speedup_without_best_five", split.oracle_speedup_without_best_five}};
}

Json to_json(const SplitReport& split) {
  auto json = split_figures(split);
  json["per_query"] =
      list(split.per_query, [](const EvaluatedQuery& query) { return to_json(query); });
  return json;
}

Json to_json(const TemplateReport& line) {
  return {{"name", line.name},
          {"class", line.query_class},
          {"baseline_p50_ms", or_null(line.baseline_p50_ms)},
          {"optimised_p50_ms", or_null(line.optimised_p50_ms)},
          {"optimised_queries", line.optimised_queries},
          {"optimised_hinted_share", line.optimised_hinted_share},
          {"evaluated", line.evaluated},
          {"default_ms", line.default_ms},
          {"learned_ms", line.learned_ms},
          {"oracle_ms", line.oracle_ms}};
}

Json to_json(const std::vector<NamedCount>& counts) {
  auto json = Json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

Json to_json(const TrafficReport& traffic) {
  return {{"from", iso_time(traffic.from)},
          {"to", iso_time(traffic.to)},
          {"queries", traffic.queries},
          {"hinted", traffic.hinted},
          {"failures", traffic.failures},
          {"timed_out", traffic.timed_out},
          {"total_ms", traffic.total_ms},
          {"latency_ms",
           {{"default", to_json(traffic.default_ms)}, {"hinted", to_json(traffic.hinted_ms)}}},
          {"saved",
           {{"ms", traffic.saved_ms},
            {"half_width_ms", traffic.saved_half_width_ms},
            {"share", or_null(traffic.saved_share)},
            {"compared", traffic.compared},
            {"left_out", traffic.left_out}}},
          {"explorer", {{"runs", traffic.explorer_runs}, {"seconds", traffic.explorer_seconds}}}};
}

Json to_json(const BusyTemplate& line) {
  return {{"name", line.name},
          {"queries", line.queries},
          {"hinted", line.hinted},
          {"total_ms", line.total_ms},
          {"saved_ms", line.saved_ms}};
}

Json safety_json(const Report& report) {
  const auto event = [](const SafetyReport& safety) -> Json {
    return {{"time", iso_time(safety.time)},
            {"name", safety.name},
            {"template", safety.template_name},
            {"detail", safety.detail}};
  };
  return {{"counts", to_json(report.safety_counts)}, {"last", list(report.safety, event)}};
}

Json learning_json(const Report& report) {
  return list(report.learning, [](const LearningPoint& point) -> Json {
    return {{"step", point.step},
            {"loss", point.loss},
            {"epsilon", point.epsilon},
            {"q_spread", point.q_spread}};
  });
}

Json latency_json(const Report& report) {
  return list(report.latency, [&](const LatencyPoint& point) -> Json {
    return {{"time", iso_time(point.time)},
            {"phase", report.phases[point.phase].name},
            {"queries", point.queries},
            {"p50", point.p50},
            {"p95", point.p95}};
  });
}

Json policies_json(const Report& report) {
  return list(report.policies, [](const PolicyReport& policy) -> Json {
    return {{"time", iso_time(policy.time)},
            {"version", policy.version},
            {"templates", policy.templates},
            {"steered", policy.steered}};
  });
}

Json configuration_json(const std::string& configuration) {
  auto parsed = Json::parse(configuration, nullptr, false);
  return parsed.is_discarded() ? Json(configuration) : parsed;
}

// Both forms begin alike.
Json head(const Report& report) {
  return {{"run", report.run},
          {"command", report.command},
          {"seed", report.seed},
          {"scale", report.scale},
          {"duration_days", report.duration_days},
          {"server_version", report.server_version},
          {"started", iso_time(report.started)},
          {"finished", time_or_null(report.finished)},
          {"outcome", report.outcome},
          {"queries", report.queries},
          {"failures", report.failures},
          {"telemetry",
           {{"events", report.events},
            {"dropped", report.dropped},
            {"failed_batches", report.failed_batches}}},
          {"latency_ms",
           {{"default", to_json(report.default_latency_ms)},
            {"learned", to_json(report.learned_latency_ms)}}},
          {"phases", list(report.phases, [](const PhaseReport& phase) { return to_json(phase); })}};
}

std::string text(const Json& json) {
  // Bytes that are not UTF-8 are replaced rather than thrown at the caller.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string report_json(const Report& report) {
  auto json = head(report);
  json["traffic"] = to_json(report.traffic);
  json["busiest"] = list(report.busiest, [](const BusyTemplate& line) { return to_json(line); });
  json["evaluation"] = {{kSeenTemplates, to_json(report.seen)},
                        {kUnseenTemplates, to_json(report.unseen)}};
  json["templates"] =
      list(report.templates, [](const TemplateReport& line) { return to_json(line); });
  json["decisions"] = to_json(report.reasons);
  json["arms"] = to_json(report.arms);
  json["errors"] = to_json(report.errors);
  json["hedging"] = {{"joined", report.hedging.joined},
                     {"won", report.hedging.won},
                     {"lost_seconds", report.hedging.lost_seconds}};
  json["exploration"] = {{"runs", report.explorer_runs}, {"seconds", report.explorer_seconds}};
  json["safety"] = safety_json(report);
  json["policies"] = policies_json(report);
  json["learning_curve"] = learning_json(report);
  json["latency_over_time"] = latency_json(report);
  json["configuration"] = configuration_json(report.configuration);
  return text(json);
}

std::string traffic_json(const TrafficReport& traffic) {
  return to_json(traffic).dump();
}

std::string summary_json(const Report& report) {
  auto json = head(report);
  json["evaluation"] = {{kSeenTemplates, split_figures(report.seen)},
                        {kUnseenTemplates, split_figures(report.unseen)}};
  return text(json);
}

}  // namespace hintd::telemetry
