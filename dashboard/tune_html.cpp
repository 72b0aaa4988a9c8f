#include "dashboard/tune_html.h"

#include <algorithm>
#include <cstdio>

#include "core/query_template.h"
#include "dashboard/html.h"
#include "dashboard/report_style.h"
#include "dashboard/svg_plot.h"
#include "telemetry/format.h"

namespace hintd::dashboard {
namespace {

using telemetry::fixed;
using telemetry::ms_text;
using telemetry::TuneLine;
using telemetry::TuneReport;

constexpr std::size_t kPlotRows = 40;

std::string header(const TuneReport& report) {
  std::string sentences;
  for (const auto& sentence : telemetry::tune_headline(report)) sentences += sentence + " ";
  std::string html = "<header><h1>hintd tune</h1>\n<p class=\"meta\">" +
                     escape("PostgreSQL " + report.policy.measured_on.server_version + " · " +
                            report.policy.created + " · " + report.outcome) +
                     "</p>\n<p class=\"answer\">" + escape(sentences) + "</p></header>\n";
  for (const auto& note : report.notes) html += "<p class=\"warning\">" + escape(note) + "</p>\n";
  return html;
}

std::string before_and_after(const TuneReport& report) {
  std::vector<DumbbellRow> rows;
  for (const auto& line : report.lines)
    if (line.evidence && rows.size() < kPlotRows)
      rows.push_back({line.name, line.evidence->default_ms, line.evidence->tuned_ms,
                      std::min(line.found_ms, line.evidence->tuned_ms)});
  if (rows.empty()) return {};
  return dumbbell_plot("Latency of each confirmed statement before and after", rows);
}

std::string exploration(const TuneReport& report) {
  if (report.curve.size() < 2) return {};
  LinePlot plot;
  plot.alternative = "Workload latency over the time explored, from " +
                     fixed(report.curve.front().workload_s, 2) + " to " +
                     fixed(report.curve.back().workload_s, 2) + " s";
  plot.y_label = "workload, s";
  plot.x_label = "explored, s";
  plot.height = 240;
  const auto tick = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return std::string(text);
  };
  plot.x_text = plot.y_text = tick;
  PlotSeries series{"best known", 'a', {}};
  for (const auto& point : report.curve)
    series.points.push_back({point.charge_s, point.workload_s});
  plot.series.push_back(std::move(series));
  return line_plot(plot);
}

std::string plans(const TuneLine& line) {
  if (line.default_plan.empty()) return {};
  return details("plans", "<div class=\"pair\"><div><h3>default</h3><pre>" +
                              escape(line.default_plan) + "</pre></div><div><h3>" +
                              escape(line.evidence->hint) + "</h3><pre>" + escape(line.tuned_plan) +
                              "</pre></div></div>");
}

std::string confirmed(const TuneReport& report) {
  std::string html;
  for (const auto& line : report.lines) {
    if (!line.evidence) continue;
    const auto& one = *line.evidence;
    const auto* whole = report.policy.find(line.fingerprint);
    const auto* set = report.policy.find_hint(one.hint);
    HtmlTable table({"", "ms", "95 % interval"});
    const auto interval = [](const Interval& i) {
      return ms_text(i.low) + " to " + ms_text(i.high);
    };
    table.add({"default", ms_text(one.default_ms), interval(one.default_interval)});
    table.add({"tuned", ms_text(one.tuned_ms), interval(one.tuned_interval)});
    html +=
        "<h3>" +
        escape(line.name + ": " + telemetry::times_text(1 / one.ratio) + " under " + one.hint) +
        "</h3>\n<p class=\"note\">" +
        escape("template " + fingerprint_text(line.fingerprint) + ", " + std::to_string(one.pairs) +
               " pairs, ratio " + fixed(one.ratio, 2) + " (" + fixed(one.ratio_interval.low, 2) +
               " to " + fixed(one.ratio_interval.high, 2) + "), " +
               telemetry::count_text(one.rows) + " equal rows; holds for " +
               (whole != nullptr && whole->hint == one.hint ? "all literals of the template"
                                                            : "these literals")) +
        "</p>\n" + table.html() +
        details("statement and setting",
                "<pre>" + escape((set != nullptr ? set->set_local_sql() + "\n" : "") + line.sql) +
                    "</pre>") +
        plans(line);
  }
  return html;
}

std::string others(const TuneReport& report) {
  HtmlTable table(
      {"statement", "standing", "why", "default ms", "fastest found ms", "plans", "tried"}, 3);
  for (const auto& line : report.lines)
    if (!line.evidence)
      table.add({line.name, line.standing, line.reason, ms_text(line.default_ms),
                 ms_text(line.found_ms), std::to_string(line.plans), std::to_string(line.tried)});
  return table.empty() ? std::string() : table.html();
}

std::string skipped(const TuneReport& report) {
  HtmlTable table({"statement", "why"}, 2);
  for (const auto& [name, reason] : report.skipped) table.add({name, reason});
  return table.empty() ? std::string() : table.html();
}

std::string times(const TuneReport& report) {
  HtmlTable table({"", "s"});
  table.add({"budget", fixed(report.budget_s, 1)});
  table.add({"defaults", fixed(report.defaults_s, 1)});
  table.add({"planning", fixed(report.planning_s, 1)});
  table.add({"exploring", fixed(report.exploring_s, 1)});
  table.add({"confirming", fixed(report.confirming_s, 1)});
  return table.html();
}

}  // namespace

std::string tune_html(const TuneReport& report) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<title>hintd tune</title>\n<style>" +
         std::string(kReportStyle) + "</style></head>\n<body>\n" + header(report) +
         section("Before and after", "Milliseconds, on a logarithmic axis.",
                 before_and_after(report)) +
         section("Confirmed", "Each was run in pairs with the default and gave the same rows.",
                 confirmed(report)) +
         section("What exploring found", "Single runs, before they were put to the proof.",
                 exploration(report)) +
         section("The other statements", "", others(report)) +
         section("Skipped", "Never run.", skipped(report)) + section("Time", "", times(report)) +
         "</body></html>\n";
}

}  // namespace hintd::dashboard
