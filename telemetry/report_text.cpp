#include "telemetry/report_text.h"

#include <algorithm>
#include <cmath>

#include "telemetry/format.h"
#include "telemetry/text_table.h"

namespace hintd::telemetry {
namespace {

constexpr std::size_t kTemplateLines = 15;
constexpr std::size_t kQueryLines = 5;
constexpr std::size_t kSafetyLines = 10;

std::int64_t regressed(const SplitReport& split) {
  return std::ranges::count_if(split.per_query, &EvaluatedQuery::regressed);
}

std::string captured_text(const SplitReport& split) {
  return split.gain_captured ? percent_text(*split.gain_captured) : "-";
}

std::string optional_ms(const std::optional<double>& ms) {
  return ms ? ms_text(*ms) : "-";
}

void add_split(TextTable& table, const std::string& name, const SplitReport& split) {
  if (split.queries() == 0) return;
  table.add({name, count_text(static_cast<std::int64_t>(split.queries())),
             duration_text(split.default_ms), duration_text(split.learned_ms),
             duration_text(split.oracle_ms), times_text(split.speedup), captured_text(split),
             percent_text(split.improved_share), percent_text(split.regressed_share),
             times_text(split.worst_ratio)});
}

std::string evaluation_text(const Report& report) {
  if (!report.default_latency_ms) return {};
  TextTable table({"", "queries", "default", "learned", "oracle", "speed-up", "captured",
                   "improved", "regressed", "worst"});
  add_split(table, "seen templates", report.seen);
  add_split(table, "unseen templates", report.unseen);
  const auto& before = *report.default_latency_ms;
  const auto& after = *report.learned_latency_ms;
  return "Final evaluation (new literals, default and learned in alternating pairs)\n" +
         table.text() +
         "  at best (oracle, seen templates): " + times_text(report.seen.oracle_speedup) +
         ", without the five best queries " +
         times_text(report.seen.oracle_speedup_without_best_five) + "\n  latency of a query: p50 " +
         ms_text(before.p50) + " -> " + ms_text(after.p50) + " ms, p95 " + ms_text(before.p95) +
         " -> " + ms_text(after.p95) + " ms, p99 " + ms_text(before.p99) + " -> " +
         ms_text(after.p99) + " ms\n\n";
}

std::string regressions_text(const Report& report) {
  TextTable table({"query", "arm", "default ms", "learned ms", "ratio", "95 % interval"});
  std::size_t lines = 0;
  for (const auto* split : {&report.seen, &report.unseen}) {
    for (const auto& query : split->per_query) {
      if (!query.regressed() || lines++ >= kQueryLines) continue;
      table.add({query.query, query.arm, ms_text(query.default_ms), ms_text(query.learned_ms),
                 times_text(query.ratio),
                 fixed(query.ci_low, 2) + " to " + fixed(query.ci_high, 2)});
    }
  }
  return lines == 0 ? "" : "What got worse\n" + table.text() + "\n";
}

std::string templates_text(const Report& report) {
  TextTable table({"template", "evaluated", "default ms", "learned ms", "oracle ms", "speed-up",
                   "p50 before", "p50 after", "hinted"});
  std::size_t lines = 0;
  for (const auto& line : report.templates) {
    if (line.evaluated == 0 || lines++ >= kTemplateLines) continue;
    table.add({line.name, std::to_string(line.evaluated), ms_text(line.default_ms),
               ms_text(line.learned_ms), ms_text(line.oracle_ms),
               times_text(line.default_ms / line.learned_ms), optional_ms(line.baseline_p50_ms),
               optional_ms(line.optimised_p50_ms), percent_text(line.optimised_hinted_share)});
  }
  if (lines == 0) return {};
  const auto more = lines > kTemplateLines
                        ? "  and " + std::to_string(lines - kTemplateLines) + " more templates\n"
                        : std::string();
  return "Templates, most time saved first (p50 before and after: of the baseline and the "
         "optimised phase)\n" +
         table.text() + more + "\n";
}

std::string phases_text(const Report& report) {
  if (report.phases.empty()) return {};
  TextTable table({"phase", "queries", "p50 ms", "p95 ms", "p99 ms", "success", "queries/h",
                   "hinted", "re-run"});
  for (const auto& phase : report.phases) {
    table.add({phase.name, count_text(phase.queries), ms_text(phase.latency_ms.p50),
               ms_text(phase.latency_ms.p95), ms_text(phase.latency_ms.p99), success_text(phase),
               count_text(std::llround(phase.queries_per_hour())),
               percent_text(phase.hinted_share()), count_text(phase.timed_out)});
  }
  return "Phases\n" + table.text() + "\n";
}

std::string ran_text(const std::optional<Percentiles>& latency, std::int64_t statements) {
  if (!latency) return count_text(statements) + " statements";
  return count_text(statements) + " statements, p50 " + ms_text(latency->p50) + ", p95 " +
         ms_text(latency->p95) + ", p99 " + ms_text(latency->p99) + " ms";
}

std::string traffic_text(const Report& report) {
  const auto& traffic = report.traffic;
  if (traffic.queries == 0) return {};
  return "Traffic, " + minute_text(traffic.from) + " to " + minute_text(traffic.to) +
         "\n  by default: " + ran_text(traffic.default_ms, traffic.queries - traffic.hinted) +
         "\n  hinted: " + ran_text(traffic.hinted_ms, traffic.hinted) + "\n  " +
         saved_text(traffic) + "\n  " + count_text(traffic.failures) + " failed, " +
         count_text(traffic.timed_out) + " deadlines passed\n\n";
}

std::string busiest_text(const Report& report) {
  TextTable table({"busiest templates", "statements", "hinted", "time", "saved"});
  for (const auto& line : report.busiest)
    table.add({line.name, count_text(line.queries), count_text(line.hinted),
               duration_text(line.total_ms), duration_text(line.saved_ms)});
  return report.busiest.empty() ? std::string() : table.text() + "\n";
}

std::string counts_text(const std::string& title, const std::vector<NamedCount>& counts) {
  if (counts.empty()) return {};
  TextTable table({title, "count"});
  for (const auto& [name, count] : counts) table.add({name, count_text(count)});
  return table.text() + "\n";
}

std::string safety_text(const Report& report) {
  if (report.safety.empty()) return {};
  std::string text = counts_text("safety event", report.safety_counts) + "Last safety events\n";
  for (std::size_t i = 0; i < std::min(kSafetyLines, report.safety.size()); ++i) {
    const auto& event = report.safety[i];
    text += "  " + minute_text(event.time);
    for (const auto& part : {event.name, event.template_name, event.detail})
      if (!part.empty()) text += "  " + part;
    text += "\n";
  }
  return text + "\n";
}

std::string learning_text(const Report& report) {
  if (report.learning.empty() && report.explorer_runs == 0) return {};
  std::string text = "Learning\n";
  if (!report.learning.empty()) {
    const auto& last = report.learning.back();
    text += "  " + count_text(last.step) + " training steps, loss " +
            fixed(report.learning.front().loss, 4) + " -> " + fixed(last.loss, 4) + ", epsilon " +
            fixed(last.epsilon, 3) + ", Q spread " + fixed(last.q_spread, 3) + "\n";
  }
  if (report.hedging.joined > 0) text += "  " + hedging_text(report.hedging) + "\n";
  text += "  " + count_text(report.explorer_runs) + " explorer runs, " +
          duration_text(report.explorer_seconds * 1000) + "\n";
  if (!report.policies.empty()) {
    const auto& policy = report.policies.back();
    text += "  policy " + std::to_string(policy.version) + " steers " +
            std::to_string(policy.steered) + " of " + std::to_string(policy.templates) +
            " templates with a rule\n";
  }
  return text + "\n";
}

std::string outcome_text(const Report& report) {
  if (!report.outcome.empty()) return report.outcome;
  return "not finished (running still, or killed)";
}

std::string run_text(const Report& report) {
  return "Run " + std::to_string(report.run) + ": " + report.command + ", " + outcome_text(report) +
         "\n  seed " + std::to_string(report.seed) + ", scale " + fixed(report.scale, 2) + ", " +
         fixed(report.duration_days, 1) + " days, " + report.server_version + "\n  " +
         minute_text(report.started) +
         (report.finished ? " to " + minute_text(*report.finished) : std::string()) + "\n  " +
         count_text(report.queries) + " queries, " + count_text(report.failures) +
         " failed\n  telemetry: " + count_text(report.events) + " events, " +
         count_text(report.dropped) + " dropped\n";
}

std::string headline_text(const Report& report) {
  std::string text;
  for (const auto& sentence : headline(report)) text += sentence + "\n";
  return text;
}

}  // namespace

std::string success_text(const PhaseReport& phase) {
  return phase.queries == 0 ? "-" : percent_text(phase.success_rate());
}

std::string hedging_text(const HedgingReport& hedging) {
  return "an arm joined " + count_text(hedging.joined) + " slow statements and won " +
         count_text(hedging.won) + "; the runs that lost took " +
         duration_text(hedging.lost_seconds * 1000) + " of the server's time";
}

std::string saved_text(const TrafficReport& traffic) {
  const auto unknown = count_text(traffic.left_out) +
                       " hinted runs had no default run of the same statement before them";
  if (traffic.compared == 0) return "time saved: not known; " + unknown;
  return "time saved: " + duration_text(traffic.saved_ms) + " +- " +
         duration_text(traffic.saved_half_width_ms) + " (" +
         percent_text(traffic.saved_share.value_or(0)) + " of the default's) over " +
         count_text(traffic.compared) + " hinted runs; " + unknown;
}

std::vector<std::string> headline(const Report& report) {
  const auto& seen = report.seen;
  if (seen.queries() == 0)
    return {"No final evaluation: the run ended before one (" + outcome_text(report) + ")."};
  const bool faster = seen.speedup >= 1;
  const auto times = times_text(faster ? seen.speedup : 1 / seen.speedup);
  const auto direction = times == times_text(1)
                             ? "as fast as under"
                             : times + (faster ? " faster" : " slower") + " than under";
  const auto captured = seen.gain_captured
                            ? "That is " + percent_text(*seen.gain_captured) +
                                  " of what the best hint set for each query would win."
                            : std::string("No hint set would have won anything.");
  const auto worse = regressed(seen) + regressed(report.unseen);
  const auto evaluated = static_cast<std::int64_t>(seen.queries() + report.unseen.queries());
  return {"Queries with new literals ran " + direction + " PostgreSQL's own plans (from " +
              duration_text(seen.default_ms) + " to " + duration_text(seen.learned_ms) + ").",
          captured,
          (worse == 0 ? std::string("None") : count_text(worse)) + " of " + count_text(evaluated) +
              " evaluated queries got slower by more than 10 %."};
}

std::string report_text(const Report& report) {
  return headline_text(report) + "\n" + evaluation_text(report) + regressions_text(report) +
         templates_text(report) + traffic_text(report) + busiest_text(report) +
         phases_text(report) + counts_text("decision", report.reasons) +
         counts_text("arm", report.arms) + learning_text(report) + safety_text(report) +
         counts_text("error", report.errors) + run_text(report);
}

std::string summary_text(const Report& report) {
  return headline_text(report) + "\n" + phases_text(report) + run_text(report);
}

}  // namespace hintd::telemetry
