#include "dashboard/report_charts.h"

#include <cmath>
#include <cstdio>

#include "dashboard/svg_plot.h"
#include "telemetry/format.h"

namespace hintd::dashboard {
namespace {

using telemetry::LearningPoint;
using telemetry::Report;

constexpr std::size_t kTemplateRows = 30;

// The unit that suits the length of the run.
struct TimeUnit {
  const char* name;
  double seconds;
};

TimeUnit unit_for(const Report& report) {
  const auto length = report.latency.back().time - report.started;
  if (length > std::chrono::hours{36}) return {"days", 86400};
  if (length > std::chrono::minutes{90}) return {"hours", 3600};
  return {"minutes", 60};
}

// %g: no more digits than a tick needs.
std::string tick_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string step_text(double step) {
  return telemetry::count_text(std::llround(step));
}

std::string learning_chart(const Report& report, const std::string& name,
                           double LearningPoint::*field) {
  LinePlot plot;
  plot.alternative = name + " over training steps; its last value is " +
                     telemetry::fixed(report.learning.back().*field, 4);
  plot.y_label = name;
  plot.x_label = "training steps";
  plot.width = 300;
  plot.height = 210;
  plot.x_text = step_text;
  plot.y_text = tick_text;
  PlotSeries series{name, 'a', {}};
  for (const auto& point : report.learning)
    series.points.push_back({static_cast<double>(point.step), point.*field});
  plot.series.push_back(std::move(series));
  return line_plot(plot);
}

}  // namespace

std::string latency_chart(const Report& report) {
  if (report.latency.empty()) return {};
  const auto unit = unit_for(report);
  const auto since_start = [&](TimePoint time) {
    return Seconds(time - report.started).count() / unit.seconds;
  };
  LinePlot plot;
  plot.alternative = "median and 95th percentile of latency over time, by phase";
  plot.y_label = "latency, ms (log)";
  plot.x_label = std::string(unit.name) + " since the start";
  plot.log_y = true;
  plot.x_text = tick_text;
  plot.y_text = [](double value) { return value < 1000 ? tick_text(value) : step_text(value); };
  PlotSeries p50{"p50", 'a', {}};
  PlotSeries p95{"p95", 'b', {}};
  std::size_t phase = 0;
  for (const auto& point : report.latency) {
    const double x = since_start(point.time);
    if (point.phase != phase) {
      // Phases are apart: no line leads from one to the next.
      p50.points.push_back({x, std::nan("")});
      p95.points.push_back({x, std::nan("")});
      phase = point.phase;
    }
    p50.points.push_back({x, point.p50});
    p95.points.push_back({x, point.p95});
  }
  plot.series = {std::move(p50), std::move(p95)};
  for (const auto& one : report.phases)
    if (one.queries > 0)
      plot.bands.push_back({one.name, since_start(one.started), since_start(one.ended)});
  return line_plot(plot);
}

std::string templates_chart(const Report& report) {
  std::vector<DumbbellRow> rows;
  for (const auto& line : report.templates)
    if (line.evaluated > 0 && rows.size() < kTemplateRows)
      rows.push_back({line.name, line.default_ms, line.learned_ms, line.oracle_ms});
  return dumbbell_plot("time of each template under the default, the learned and the best hint set",
                       rows);
}

std::string learning_charts(const Report& report) {
  if (report.learning.empty()) return {};
  return "<div class=\"trio\">\n" + learning_chart(report, "loss", &LearningPoint::loss) +
         learning_chart(report, "epsilon", &LearningPoint::epsilon) +
         learning_chart(report, "spread of Q over heads", &LearningPoint::q_spread) + "</div>\n";
}

}  // namespace hintd::dashboard
