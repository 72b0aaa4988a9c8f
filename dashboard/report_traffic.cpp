#include "dashboard/report_traffic.h"

#include "dashboard/html.h"
#include "telemetry/format.h"
#include "telemetry/report_text.h"

namespace hintd::dashboard {
namespace {

using namespace telemetry;

void add_line(HtmlTable& table, const std::string& name, std::int64_t statements,
              const std::optional<Percentiles>& latency) {
  table.add({name, count_text(statements), latency ? ms_text(latency->p50) : "-",
             latency ? ms_text(latency->p95) : "-", latency ? ms_text(latency->p99) : "-"});
}

}  // namespace

std::string traffic_html(const Report& report) {
  const auto& traffic = report.traffic;
  if (traffic.queries == 0) return {};
  HtmlTable latencies({"", "statements", "p50 ms", "p95 ms", "p99 ms"});
  add_line(latencies, "default", traffic.queries - traffic.hinted, traffic.default_ms);
  add_line(latencies, "hinted", traffic.hinted, traffic.hinted_ms);
  HtmlTable busiest({"template", "statements", "hinted", "time", "saved"});
  for (const auto& line : report.busiest)
    busiest.add({line.name, count_text(line.queries), count_text(line.hinted),
                 duration_text(line.total_ms), duration_text(line.saved_ms)});
  return "<p>" +
         escape(minute_text(traffic.from) + " to " + minute_text(traffic.to) + " UTC; " +
                saved_text(traffic)) +
         ".</p>\n" + latencies.html() + details("the busiest templates", busiest.html());
}

}  // namespace hintd::dashboard
