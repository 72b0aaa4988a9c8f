#include "dashboard/report_html.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "dashboard/html.h"
#include "dashboard/report_charts.h"
#include "dashboard/report_style.h"
#include "dashboard/report_traffic.h"
#include "telemetry/format.h"
#include "telemetry/report_text.h"

namespace hintd::dashboard {
namespace {

using telemetry::count_text;
using telemetry::duration_text;
using telemetry::EvaluatedQuery;
using telemetry::fixed;
using telemetry::minute_text;
using telemetry::ms_text;
using telemetry::NamedCount;
using telemetry::percent_text;
using telemetry::Report;
using telemetry::SplitReport;
using telemetry::times_text;

constexpr std::size_t kWorstQueries = 8;

std::string tile(const std::string& figure, const std::string& meaning) {
  return "<div class=\"tile\"><b>" + escape(figure) + "</b><span>" + escape(meaning) +
         "</span></div>\n";
}

std::string captured_text(const SplitReport& split) {
  return split.gain_captured ? percent_text(*split.gain_captured) : "-";
}

std::string optional_ms(const std::optional<double>& ms) {
  return ms ? ms_text(*ms) : "-";
}

std::string header(const Report& report) {
  std::string sentences;
  for (const auto& sentence : telemetry::headline(report)) sentences += sentence + " ";
  const auto run = report.command + " run " + std::to_string(report.run) + " · seed " +
                   std::to_string(report.seed) + " · scale " + fixed(report.scale, 2) + " · " +
                   fixed(report.duration_days, 1) + " days · " + report.server_version + " · " +
                   (report.outcome.empty() ? "not finished" : report.outcome);
  return "<header><h1>hintd report</h1>\n<p class=\"meta\">" + escape(run) +
         "</p>\n<p class=\"answer\">" + escape(sentences) + "</p></header>\n";
}

std::string warnings(const Report& report) {
  if (report.dropped == 0 && report.failed_batches == 0) return {};
  return "<p class=\"warning\">Telemetry is not whole: " + count_text(report.dropped) +
         " events dropped, " + count_text(report.failed_batches) +
         " batches refused by the disk. Figures below leave out what was dropped.</p>\n";
}

std::string tiles(const Report& report) {
  std::string html;
  if (report.seen.queries() > 0) {
    html += tile(times_text(report.seen.speedup), "speed-up on new literals of seen templates");
    html += tile(captured_text(report.seen), "of the possible gain captured; the best is " +
                                                 times_text(report.seen.oracle_speedup));
    html += tile(percent_text(report.seen.regressed_share),
                 "of these queries slower by more than 10 %");
  }
  if (report.unseen.queries() > 0)
    html += tile(times_text(report.unseen.speedup), "speed-up on templates never seen before");
  if (report.default_latency_ms) {
    html += tile(
        ms_text(report.default_latency_ms->p95) + " → " + ms_text(report.learned_latency_ms->p95),
        "p95 latency, ms, default and learned");
  }
  html += tile(count_text(report.queries), "queries, " + count_text(report.failures) + " failed");
  return "<div class=\"tiles\">\n" + html + "</div>\n";
}

void add_split(HtmlTable& table, const std::string& name, const SplitReport& split) {
  if (split.queries() == 0) return;
  table.add({name, count_text(static_cast<std::int64_t>(split.queries())),
             duration_text(split.default_ms), duration_text(split.learned_ms),
             duration_text(split.oracle_ms), times_text(split.speedup),
             times_text(split.oracle_speedup), captured_text(split),
             percent_text(split.improved_share), percent_text(split.regressed_share),
             times_text(split.worst_ratio)});
}

HtmlTable query_table() {
  return HtmlTable({"query", "arm", "reason", "oracle arm", "default ms", "learned ms", "oracle ms",
                    "ratio", "95 % interval"},
                   4);
}

void add_query(HtmlTable& table, const EvaluatedQuery& query) {
  table.add({query.query, query.arm, query.reason, query.oracle_arm, ms_text(query.default_ms),
             ms_text(query.learned_ms), ms_text(query.oracle_ms), times_text(query.ratio),
             fixed(query.ci_low, 2) + " to " + fixed(query.ci_high, 2)},
            query.regressed()  ? "worse"
            : query.improved() ? "better"
                               : "");
}

std::string split_queries(const std::string& name, const SplitReport& split) {
  if (split.queries() == 0) return {};
  auto worst = query_table();
  auto all = query_table();
  for (std::size_t i = 0; i < split.queries(); ++i) {
    if (i < kWorstQueries) add_query(worst, split.per_query[i]);
    add_query(all, split.per_query[i]);
  }
  auto html = "<h3>" + escape(name) + ": the worst ratios</h3>\n" + worst.html();
  if (split.queries() > kWorstQueries)
    html += details("all " + std::to_string(split.queries()) + " queries", all.html());
  return html;
}

std::string evaluation(const Report& report) {
  if (!report.default_latency_ms) return {};
  HtmlTable table({"", "queries", "default", "learned", "oracle", "speed-up", "at best", "captured",
                   "improved", "regressed", "worst"});
  add_split(table, "seen templates", report.seen);
  add_split(table, "unseen templates", report.unseen);
  HtmlTable latency({"latency of a query, ms", "p50", "p95", "p99"});
  const auto& before = *report.default_latency_ms;
  const auto& after = *report.learned_latency_ms;
  latency.add({"default", ms_text(before.p50), ms_text(before.p95), ms_text(before.p99)});
  latency.add({"learned", ms_text(after.p50), ms_text(after.p95), ms_text(after.p99)});
  const auto robust =
      "<p class=\"note\">With its five best queries left out, the oracle on seen templates is at " +
      times_text(report.seen.oracle_speedup_without_best_five) + ".</p>\n";
  return table.html() + robust + latency.html() + split_queries("Seen templates", report.seen) +
         split_queries("Unseen templates", report.unseen);
}

std::string phases(const Report& report) {
  HtmlTable table({"phase", "queries", "p50 ms", "p95 ms", "p99 ms", "success", "queries/h",
                   "hinted", "re-run"});
  for (const auto& phase : report.phases) {
    table.add({phase.name, count_text(phase.queries), ms_text(phase.latency_ms.p50),
               ms_text(phase.latency_ms.p95), ms_text(phase.latency_ms.p99),
               telemetry::success_text(phase), count_text(std::llround(phase.queries_per_hour())),
               percent_text(phase.hinted_share()), count_text(phase.timed_out)});
  }
  return table.empty() ? "" : table.html();
}

std::string templates(const Report& report) {
  HtmlTable table({"template", "class", "evaluated", "default ms", "learned ms", "oracle ms",
                   "speed-up", "baseline p50 ms", "optimised p50 ms", "hinted"},
                  2);
  for (const auto& line : report.templates) {
    const bool evaluated = line.evaluated > 0 && line.learned_ms > 0;
    table.add({line.name, line.query_class, std::to_string(line.evaluated),
               evaluated ? ms_text(line.default_ms) : "-",
               evaluated ? ms_text(line.learned_ms) : "-",
               evaluated ? ms_text(line.oracle_ms) : "-",
               evaluated ? times_text(line.default_ms / line.learned_ms) : "-",
               optional_ms(line.baseline_p50_ms), optional_ms(line.optimised_p50_ms),
               percent_text(line.optimised_hinted_share)});
  }
  if (table.empty()) return {};
  return templates_chart(report) + details("the same as a table", table.html());
}

std::string counts(const std::string& title, const std::vector<NamedCount>& named) {
  if (named.empty()) return {};
  const auto total =
      std::accumulate(named.begin(), named.end(), std::int64_t{0},
                      [](std::int64_t sum, const NamedCount& one) { return sum + one.count; });
  HtmlTable table({title, "count", "share"});
  for (const auto& [name, count] : named)
    table.add({name, count_text(count),
               percent_text(static_cast<double>(count) / static_cast<double>(total))});
  return "<div>" + table.html() + "</div>\n";
}

std::string pair(const std::string& left, const std::string& right) {
  return left.empty() && right.empty() ? "" : "<div class=\"pair\">\n" + left + right + "</div>\n";
}

std::string learning(const Report& report) {
  std::string html = learning_charts(report);
  HtmlTable policies({"policy", "in force from", "templates with a rule", "steered"});
  for (const auto& policy : report.policies)
    policies.add({std::to_string(policy.version), minute_text(policy.time),
                  count_text(policy.templates), count_text(policy.steered)});
  if (report.hedging.joined > 0) html += "<p>" + hedging_text(report.hedging) + ".</p>\n";
  if (report.explorer_runs > 0)
    html += "<p>The explorer ran " + count_text(report.explorer_runs) + " statements of its own, " +
            duration_text(report.explorer_seconds * 1000) + " in all.</p>\n";
  if (!policies.empty())
    html += details(std::to_string(report.policies.size()) + " policies", policies.html());
  return html;
}

std::string safety(const Report& report) {
  HtmlTable table({"time", "event", "template", "detail"}, 4);
  for (const auto& event : report.safety)
    table.add({minute_text(event.time), event.name, event.template_name, event.detail});
  auto html = pair(counts("safety event", report.safety_counts), counts("error", report.errors));
  if (!table.empty())
    html += details("the last " + std::to_string(report.safety.size()), table.html());
  return html;
}

std::string configuration(const Report& report) {
  if (report.configuration.empty()) return {};
  const auto parsed = nlohmann::ordered_json::parse(report.configuration, nullptr, false);
  const auto text = parsed.is_discarded() ? report.configuration : parsed.dump(2);
  return details("every setting as it was in force", "<pre>" + escape(text) + "</pre>\n");
}

std::string footer(const Report& report) {
  return "<p class=\"note\">" +
         escape(minute_text(report.started) +
                (report.finished ? " to " + minute_text(*report.finished) : std::string()) +
                " UTC by the run's own clock. Telemetry: " + count_text(report.events) +
                " events, " + count_text(report.dropped) + " dropped.") +
         "</p>\n";
}

}  // namespace

std::string report_html(const Report& report) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<title>hintd report</title>\n<style>" +
         std::string(kReportStyle) + "</style>\n</head>\n<body>\n" + header(report) +
         warnings(report) + tiles(report) +
         section("Is it helping?",
                 "Users' statements, and hinted runs against default runs of the same statements.",
                 traffic_html(report)) +
         section("Final evaluation",
                 "Literals that learning never saw. Default and learned run in alternating pairs; "
                 "times are sums of medians. Oracle: the best hint set for each query, measured. "
                 "Improved and regressed: by more than 10 %, beyond a 95 % interval.",
                 evaluation(report)) +
         section("Templates, before and after",
                 "Sum of the evaluated queries of each seen template, most time saved first. "
                 "Further left is faster.",
                 templates(report)) +
         section("Latency over time",
                 "Users' statements that succeeded, end to end, a failed try of a hint included.",
                 latency_chart(report) + phases(report)) +
         section("Learning", "", learning(report)) +
         section("Decisions", "What was answered for users' statements, and under which arm.",
                 pair(counts("reason", report.reasons), counts("arm", report.arms))) +
         section("Safety and errors", "", safety(report)) +
         section("Configuration", "", configuration(report)) + footer(report) +
         "</body>\n</html>\n";
}

}  // namespace hintd::dashboard
