#include "dashboard/metrics.h"

#include <cmath>
#include <cstdio>
#include <map>

#include "dashboard/template_state.h"

namespace hintd::dashboard {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

class Page {
 public:
  Page& metric(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
    return *this;
  }
  // `labels` as they stand between braces; empty: none.
  Page& value(double value, const std::string& labels = {}, const char* suffix = "") {
    text_ +=
        name_ + suffix + (labels.empty() ? "" : "{" + labels + "}") + " " + number(value) + "\n";
    return *this;
  }
  void counter(const char* name, const char* help, std::int64_t count) {
    metric(name, "counter", help).value(static_cast<double>(count));
  }
  void gauge(const char* name, const char* help, double value_now) {
    metric(name, "gauge", help).value(value_now);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

// Names of ours are snake_case, but the file may hold anything.
std::string label(const char* name, const std::string& value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? ' ' : c;
  }
  return text + "\"";
}

void add_histogram(Page& page, const telemetry::LatencyHistogram& histogram,
                   const std::string& plan) {
  std::int64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    below += histogram.counts[i];
    const bool last = i == telemetry::kLatencyBounds.size();
    page.value(
        static_cast<double>(below),
        plan + ",le=\"" + (last ? "+Inf" : number(telemetry::kLatencyBounds[i] / 1000)) + "\"",
        "_bucket");
  }
  page.value(histogram.sum_ms / 1000, plan, "_sum");
  page.value(static_cast<double>(below), plan, "_count");
}

void add_traffic(Page& page, const LiveView& view) {
  const auto& ledger = view.feed.ledger();
  const auto& total = ledger.total();
  page.counter("hintd_statements_total", "Users' statements seen.", total.queries);
  page.counter("hintd_statements_hinted_total", "Of those under a hint, or hedged.", total.treated);
  page.counter("hintd_statements_failed_total", "Of those that failed.", total.failures);
  page.counter("hintd_deadlines_passed_total",
               "Hinted runs that were stopped and run again under the default.", total.timed_out);
  page.metric("hintd_statement_duration_seconds", "histogram",
              "Latency as users felt it, by the plan it ran under.");
  add_histogram(page, ledger.default_histogram(), label("plan", "default"));
  add_histogram(page, ledger.hinted_histogram(), label("plan", "hinted"));
  page.metric("hintd_decisions_total", "counter", "Decisions by reason.");
  for (const auto& [id, count] : ledger.reasons())
    page.value(static_cast<double>(count), label("reason", view.feed.reason(id)));
  page.gauge("hintd_saved_seconds",
             "Time hints saved against default runs of the same statements; may fall.",
             total.saved.ms / 1000);
  page.gauge("hintd_saved_half_width_seconds", "Half of the 95 % interval of hintd_saved_seconds.",
             total.saved.half_width() / 1000);
  page.counter("hintd_explorer_runs_total", "Statements the explorer ran.", total.explorer_runs);
  page.metric("hintd_explorer_seconds_total", "counter", "Server time the explorer took.")
      .value(total.explorer_ms / 1000);
}

void add_templates(Page& page, const LiveView& view) {
  std::map<std::string_view, std::int64_t> counts;
  for (const auto& [id, figures] : view.feed.ledger().templates())
    ++counts[state_of(view, figures)];
  page.metric("hintd_templates", "gauge", "Templates by state.");
  for (const auto* state : {"observed", "exploring", "verified", "pinned", "banned", "rolled_back"})
    page.value(static_cast<double>(counts[state]), label("state", state));
}

void add_store(Page& page, const LiveView& view) {
  const auto& run = view.feed.run();
  page.counter("hintd_telemetry_events_total", "Events stored.", run.events);
  page.counter("hintd_telemetry_dropped_total", "Events lost.", run.dropped);
  page.counter("hintd_telemetry_failed_batches_total", "Transactions that SQLite refused.",
               run.failed_batches);
  if (const auto size = view.history.size())
    page.gauge("hintd_telemetry_bytes", "Size of the telemetry file.",
               static_cast<double>(size->bytes));
  page.metric("hintd_safety_events_total", "counter", "Safety events by name.");
  if (const auto counts = view.history.event_counts(run.first))
    for (const auto& [name, count] : *counts)
      page.value(static_cast<double>(count), label("name", name));
}

void add_status(Page& page, const LiveView& view) {
  if (view.status == nullptr) return;
  const auto& status = *view.status;
  page.metric("hintd_mode", "gauge", "1 for the mode that is in force.");
  const std::pair<const char*, Mode> modes[] = {
      {"observe", Mode::kObserve}, {"advise", Mode::kAdvise}, {"steer", Mode::kSteer}};
  for (const auto& [name, mode] : modes) page.value(status.mode == mode, label("mode", name));
  page.gauge("hintd_hints_on", "0 while the kill switch is off.", status.hints_on);
  page.gauge("hintd_open_breakers", "Arms, templates and the like that are left alone for a while.",
             static_cast<double>(status.open_breakers));
  page.gauge("hintd_policy_version", "The policy in force.", status.policy_version);
  page.gauge("hintd_policy_templates_steered", "Templates it gives a hint.",
             static_cast<double>(status.policy_steered));
  page.metric("hintd_resource", "gauge",
              "Queues, connections and the host, as the page shows them.");
  for (const auto& gauge : status.gauges) page.value(gauge.value, label("name", gauge.name));
}

}  // namespace

std::string metrics_text(const LiveView& view) {
  Page page;
  add_traffic(page, view);
  add_templates(page, view);
  add_store(page, view);
  add_status(page, view);
  page.gauge("hintd_history_read_ratio", "Part of the telemetry that is in these figures.",
             view.feed.progress());
  return std::move(page).text();
}

}  // namespace hintd::dashboard
