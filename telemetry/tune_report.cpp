#include "telemetry/tune_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/query_template.h"
#include "telemetry/format.h"
#include "telemetry/text_table.h"

namespace hintd::telemetry {
namespace {

using nlohmann::json;

template <class Pick>
double sum(const std::vector<TuneLine>& lines, Pick pick) {
  double total = 0;
  for (const auto& line : lines) total += pick(line);
  return total;
}

std::string interval_text(const Interval& interval) {
  return fixed(interval.low, 2) + " to " + fixed(interval.high, 2);
}

std::string confirmed_text(const TuneReport& report) {
  TextTable table({"statement", "hint set", "default ms", "tuned ms", "ratio", "95 % interval",
                   "pairs", "holds for"});
  for (const auto& line : report.lines) {
    if (!line.evidence) continue;
    const auto& one = *line.evidence;
    const auto* whole = report.policy.find(line.fingerprint);
    table.add({line.name, one.hint, ms_text(one.default_ms), ms_text(one.tuned_ms),
               fixed(one.ratio, 2), interval_text(one.ratio_interval), std::to_string(one.pairs),
               whole != nullptr && whole->hint == one.hint ? "all literals" : "these literals"});
  }
  return "Confirmed, most time saved first\n" + table.text() + "\n";
}

std::string others_text(const TuneReport& report, const std::string& standing,
                        const std::string& title) {
  TextTable table({"statement", "default ms", "fastest found ms", "plans", "tried", "why"});
  bool any = false;
  for (const auto& line : report.lines) {
    if (line.standing != standing) continue;
    any = true;
    table.add({line.name, line.default_ms > 0 ? ms_text(line.default_ms) : "-",
               line.default_ms > 0 ? ms_text(line.found_ms) : "-", std::to_string(line.plans),
               std::to_string(line.tried), line.reason});
  }
  return any ? title + "\n" + table.text() + "\n" : std::string();
}

std::string count_of(const TuneReport& report, const std::string& standing) {
  return count_text(std::count_if(report.lines.begin(), report.lines.end(),
                                  [&](const auto& line) { return line.standing == standing; }));
}

std::string skipped_text(const TuneReport& report) {
  if (report.skipped.empty()) return {};
  std::string text = "Skipped\n";
  for (const auto& [name, reason] : report.skipped) text += "  " + name + ": " + reason + "\n";
  return text + "\n";
}

std::string times_text(const TuneReport& report) {
  const auto seconds = [](double s) { return duration_text(1000 * s); };
  return "Time: " + seconds(report.spent_s()) + " of " + seconds(report.budget_s) + " (defaults " +
         seconds(report.defaults_s) + ", planning " + seconds(report.planning_s) + ", exploring " +
         seconds(report.exploring_s) + ", confirming " + seconds(report.confirming_s) + ")\n";
}

json line_json(const TuneLine& line) {
  json object = {{"name", line.name},         {"template", fingerprint_text(line.fingerprint)},
                 {"standing", line.standing}, {"reason", line.reason},
                 {"hint", line.hint},         {"default_ms", line.default_ms},
                 {"found_ms", line.found_ms}, {"plans", line.plans},
                 {"tried", line.tried}};
  if (line.evidence) {
    const auto& one = *line.evidence;
    object["tuned_ms"] = one.tuned_ms;
    object["ratio"] = one.ratio;
    object["ci_low"] = one.ratio_interval.low;
    object["ci_high"] = one.ratio_interval.high;
    object["pairs"] = one.pairs;
  }
  return object;
}

}  // namespace

double TuneReport::default_ms() const {
  return sum(lines, [](const auto& line) { return line.default_ms; });
}
double TuneReport::tuned_ms() const {
  return sum(lines, [](const auto& line) {
    return line.evidence ? line.default_ms * line.evidence->ratio : line.default_ms;
  });
}
double TuneReport::found_ms() const {
  return sum(lines, [](const auto& line) { return std::min(line.found_ms, line.default_ms); });
}
std::size_t TuneReport::confirmed() const {
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [](const auto& line) { return line.evidence.has_value(); }));
}

std::vector<std::string> tune_headline(const TuneReport& report) {
  const auto of = " of " + std::to_string(report.lines.size()) + " statements";
  std::vector<std::string> sentences;
  if (report.confirmed() == 0)
    sentences.push_back("No hint set was confirmed to make any" + of + " faster.");
  else
    sentences.push_back(std::to_string(report.confirmed()) + of +
                        " run faster under a hint set, each confirmed by runs in pairs: the " +
                        "workload takes " + duration_text(report.tuned_ms()) + " instead of " +
                        duration_text(report.default_ms()) + " (" +
                        telemetry::times_text(report.default_ms() / report.tuned_ms()) + ").");
  if (report.outcome != "completed")
    sentences.push_back("The run was not completed: " + report.outcome + ".");
  if (!report.policy.stale.empty())
    sentences.push_back("The evidence is stale: " + report.policy.stale + ".");
  return sentences;
}

std::string tune_report_text(const TuneReport& report) {
  std::string text;
  for (const auto& sentence : tune_headline(report)) text += sentence + "\n";
  for (const auto& note : report.notes) text += note + "\n";
  text += "\n";
  if (report.confirmed() > 0) text += confirmed_text(report);
  text += others_text(report, "unproved", "Looked faster, not confirmed: not in the policy");
  text += others_text(report, "left out", "Left out");
  text += others_text(report, "not reached", "Not reached");
  text += skipped_text(report);
  text += "No faster plan: " + count_of(report, "no winner") +
          " statements; too fast to matter: " + count_of(report, "too fast") + "\n";
  return text + times_text(report) + "PostgreSQL " + report.policy.measured_on.server_version +
         ", " + report.policy.created + "\n";
}

std::string tune_report_json(const TuneReport& report) {
  json lines = json::array();
  for (const auto& line : report.lines) lines.push_back(line_json(line));
  json skipped = json::array();
  for (const auto& [name, reason] : report.skipped)
    skipped.push_back({{"name", name}, {"reason", reason}});
  json curve = json::array();
  for (const auto& point : report.curve) curve.push_back({point.charge_s, point.workload_s});
  return json{{"outcome", report.outcome},
              {"notes", report.notes},
              {"server_version", report.policy.measured_on.server_version},
              {"created", report.policy.created},
              {"stale", report.policy.stale},
              {"statements", report.lines.size()},
              {"confirmed", report.confirmed()},
              {"default_ms", report.default_ms()},
              {"tuned_ms", report.tuned_ms()},
              {"found_ms", report.found_ms()},
              {"budget_s", report.budget_s},
              {"spent_s", report.spent_s()},
              {"defaults_s", report.defaults_s},
              {"planning_s", report.planning_s},
              {"exploring_s", report.exploring_s},
              {"confirming_s", report.confirming_s},
              {"per_statement", lines},
              {"skipped", skipped},
              {"exploration", curve}}
      .dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace hintd::telemetry
