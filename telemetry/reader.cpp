#include "telemetry/reader.h"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/decision.h"
#include "core/event.h"
#include "core/query_template.h"
#include "core/statistics.h"
#include "telemetry/latency_points.h"
#include "telemetry/schema.h"
#include "telemetry/stored_time.h"

namespace hintd::telemetry {
namespace {

struct TemplateTally {
  std::string name;
  std::string query_class;
  std::vector<double> baseline;
  std::vector<double> optimised;
  std::int64_t optimised_hinted = 0;
};

using Names = std::unordered_map<std::int64_t, std::string>;
using Tally = std::unordered_map<std::int64_t, std::int64_t>;

// Fills one report, section by section.
class ReportBuilder {
 public:
  ReportBuilder(Database& database, const RunInfo& run, std::optional<TimePoint> since)
      : database_(database),
        run_(run),
        since_(since ? micros(*since) : std::numeric_limits<std::int64_t>::min()) {}

  Result<Report> build() {
    HINTD_TRY_STATUS(read_run());
    HINTD_TRY_STATUS(read_templates());
    HINTD_TRY_STATUS(read_phases());
    HINTD_TRY_STATUS(read_observations());
    HINTD_TRY_STATUS(read_evaluation());
    HINTD_TRY_STATUS(read_learning());
    HINTD_TRY_STATUS(read_policies());
    HINTD_TRY_STATUS(read_safety());
    summarise_samples();
    summarise_templates();
    return std::move(report_);
  }

 private:
  Status read_run();
  Status read_templates();
  Status read_phases();
  Status read_observations();
  Status read_evaluation();
  Status read_learning();
  Status read_policies();
  Status read_safety();
  void count_statement(const Statement& row);
  void summarise_samples();
  void summarise_templates();
  Result<Names> read_names(const std::string& table);
  Result<std::vector<NamedCount>> named(const std::string& table, const Tally& tally);

  template <class Visit>
  Status for_each_row(std::string_view sql, Visit visit) {
    HINTD_TRY(auto rows, database_.prepare(sql));
    return rows.for_each(visit, run_.first, run_.last, since_);
  }

  Database& database_;
  const RunInfo& run_;
  const std::int64_t since_;
  Report report_;
  std::int64_t default_arm_ = 0;
  std::int64_t hedged_ = 0;  // reason's id
  std::unordered_map<std::int64_t, std::size_t> phase_index_;
  // By name, since one statement of a workload may have several fingerprints; and by row.
  std::map<std::string, TemplateTally> tallies_;
  std::unordered_map<std::int64_t, TemplateTally*> templates_;
  std::vector<LatencySample> samples_;  // users' statements that succeeded
  Tally reasons_;
  Tally arms_;
  Tally errors_;
};

Status ReportBuilder::read_run() {
  HINTD_TRY(default_arm_, database_.integer("SELECT arm_id FROM run_arms WHERE number = 0 AND "
                                            "run_id = " +
                                            std::to_string(run_.last)));
  HINTD_TRY(hedged_, database_.integer("SELECT coalesce(max(id), 0) FROM reasons WHERE name = '" +
                                       std::string(to_string(DecisionReason::kHedged)) + "'"));
  HINTD_TRY(auto rows,
            database_.prepare("SELECT finished, outcome, command, seed, scale, duration_days, "
                              "server_version, configuration FROM runs WHERE id = ?"));
  return rows.for_each(
      [this](const Statement& row) {
        report_.run = run_.last;
        report_.started = run_.started;
        if (!row.is_null(0)) report_.finished = time_point(row.integer(0));
        report_.outcome = row.text(1);
        report_.command = row.text(2);
        report_.seed = static_cast<std::uint64_t>(row.integer(3));
        report_.scale = row.real(4);
        report_.duration_days = row.real(5);
        report_.server_version = row.text(6);
        report_.configuration = row.text(7);
        report_.events = run_.events;
        report_.dropped = run_.dropped;
        report_.failed_batches = run_.failed_batches;
      },
      run_.last);
}

Status ReportBuilder::read_templates() {
  HINTD_TRY(auto rows,
            database_.prepare("SELECT id, fingerprint, name, query_class FROM templates"));
  return rows.for_each([this](const Statement& row) {
    std::string name(row.text(2));
    if (name.empty()) name = fingerprint_text(static_cast<std::uint64_t>(row.integer(1)));
    auto& tally = tallies_[name];
    tally.name = name;
    templates_.emplace(row.integer(0), &tally);
    tally.query_class = row.text(3);
  });
}

Status ReportBuilder::read_phases() {
  HINTD_TRY(auto rows,
            database_.prepare("SELECT id, name, started FROM phases WHERE run_id BETWEEN ? AND ? "
                              "ORDER BY id"));
  return rows.for_each(
      [this](const Statement& row) {
        const auto started = time_point(row.integer(2));
        auto& phases = report_.phases;
        // A service that was started anew goes on with its phase.
        if (!phases.empty() && phases.back().name == row.text(1)) {
          phase_index_.emplace(row.integer(0), phases.size() - 1);
          return;
        }
        if (!phases.empty()) phases.back().ended = started;
        phase_index_.emplace(row.integer(0), phases.size());
        PhaseReport phase;
        phase.name = row.text(1);
        phase.started = started;
        phase.ended = started;
        phases.push_back(std::move(phase));
      },
      run_.first, run_.last);
}

Status ReportBuilder::read_observations() {
  HINTD_TRY_STATUS(
      for_each_row("SELECT phase_id, template_id, arm_id, reason_id, explorer, time, latency_us, "
                   "arm_latency_us, timed_out, error_id, lost_us FROM observations "
                   "WHERE phase_id IN (SELECT id FROM phases WHERE run_id BETWEEN ? AND ?) "
                   "AND time >= ?",
                   [this](const Statement& row) { count_statement(row); }));
  HINTD_TRY(report_.reasons, named("reasons", reasons_));
  HINTD_TRY(report_.arms, named("arms", arms_));
  HINTD_TRY(report_.errors, named("errors", errors_));
  return {};
}

void ReportBuilder::count_statement(const Statement& row) {
  if (row.integer(4) != 0) {
    ++report_.explorer_runs;
    report_.explorer_seconds += millis(row.integer(7)) / 1000;
    return;
  }
  const auto index = phase_index_.at(row.integer(0));
  auto& phase = report_.phases[index];
  const LatencySample sample{time_point(row.integer(5)), index, millis(row.integer(6))};
  const bool failed = !row.is_null(9);
  const bool hinted = row.integer(2) != default_arm_;
  const bool hedged = row.integer(3) == hedged_;
  phase.ended = std::max(phase.ended, sample.time);
  ++phase.queries;
  phase.failures += failed;
  phase.hinted += hinted || hedged;
  phase.timed_out += row.integer(8);
  report_.hedging.lost_seconds += millis(row.integer(10)) / 1000;
  report_.hedging.joined += row.integer(10) > 0;
  report_.hedging.won += row.integer(10) > 0 && hinted;
  if (is_traffic(phase.name)) {
    ++reasons_[row.integer(3)];
    ++arms_[row.integer(2)];
  }
  if (failed) {
    ++errors_[row.integer(9)];
    return;
  }
  samples_.push_back(sample);
  auto& query_template = *templates_.at(row.integer(1));
  if (phase.name == kBaselinePhase) query_template.baseline.push_back(sample.latency_ms);
  if (phase.name != kOptimisedPhase) return;
  query_template.optimised.push_back(sample.latency_ms);
  query_template.optimised_hinted += hinted;
}

Result<Names> ReportBuilder::read_names(const std::string& table) {
  HINTD_TRY(auto rows, database_.prepare("SELECT id, name FROM " + table));
  Names names;
  HINTD_TRY_STATUS(
      rows.for_each([&](const Statement& row) { names.emplace(row.integer(0), row.text(1)); }));
  return names;
}

Result<std::vector<NamedCount>> ReportBuilder::named(const std::string& table, const Tally& tally) {
  HINTD_TRY(const auto names, read_names(table));
  std::vector<NamedCount> counts;
  for (const auto& [id, count] : tally) counts.push_back({names.at(id), count});
  std::ranges::sort(counts, [](const NamedCount& a, const NamedCount& b) {
    return std::pair(-a.count, a.name) < std::pair(-b.count, b.name);
  });
  return counts;
}

Status ReportBuilder::read_evaluation() {
  HINTD_TRY(const auto arms, read_names("arms"));
  HINTD_TRY(auto rows,
            database_.prepare("SELECT template_id, arm_id, reasons.name, oracle_arm_id, split, "
                              "query, default_ms, learned_ms, oracle_ms, ratio, ci_low, ci_high, "
                              "pairs, distinct_plans FROM evaluations JOIN reasons ON reasons.id = "
                              "reason_id WHERE run_id BETWEEN ? AND ? ORDER BY evaluations.id"));
  std::vector<EvaluatedQuery> seen;
  std::vector<EvaluatedQuery> unseen;
  const auto visit = [&](const Statement& row) {
    EvaluatedQuery query;
    query.template_name = templates_.at(row.integer(0))->name;
    query.arm = arms.at(row.integer(1));
    query.reason = row.text(2);
    query.oracle_arm = arms.at(row.integer(3));
    query.query = row.text(5);
    query.default_ms = row.real(6);
    query.learned_ms = row.real(7);
    query.oracle_ms = row.real(8);
    query.ratio = row.real(9);
    query.ci_low = row.real(10);
    query.ci_high = row.real(11);
    query.pairs = static_cast<int>(row.integer(12));
    query.distinct_plans = static_cast<int>(row.integer(13));
    (row.text(4) == kSeenTemplates ? seen : unseen).push_back(std::move(query));
  };
  HINTD_TRY_STATUS(rows.for_each(visit, run_.first, run_.last));
  if (!seen.empty() || !unseen.empty()) {
    std::vector<double> before;
    std::vector<double> after;
    for (const auto* split : {&seen, &unseen}) {
      for (const auto& query : *split) {
        before.push_back(query.default_ms);
        after.push_back(query.learned_ms);
      }
    }
    report_.default_latency_ms = percentiles(before);
    report_.learned_latency_ms = percentiles(after);
  }
  report_.seen = summarise(std::move(seen));
  report_.unseen = summarise(std::move(unseen));
  return {};
}

Status ReportBuilder::read_learning() {
  std::vector<LearningPoint> points;
  HINTD_TRY_STATUS(
      for_each_row("SELECT step, loss, epsilon, q_spread FROM training_steps "
                   "WHERE run_id BETWEEN ? AND ? AND time >= ? ORDER BY id",
                   [&](const Statement& row) {
                     points.push_back({row.integer(0), row.real(1), row.real(2), row.real(3)});
                   }));
  report_.learning = thin(points, kLearningPoints);
  return {};
}

Status ReportBuilder::read_policies() {
  return for_each_row(
      "SELECT time, version, templates, steered FROM policies "
      "WHERE run_id BETWEEN ? AND ? AND time >= ? ORDER BY id",
      [this](const Statement& row) {
        report_.policies.push_back(
            {time_point(row.integer(0)), row.integer(1), row.integer(2), row.integer(3)});
      });
}

Status ReportBuilder::read_safety() {
  HINTD_TRY_STATUS(for_each_row(
      "SELECT name, count(*) FROM safety_events WHERE run_id BETWEEN ? AND ? AND time >= ? "
      "GROUP BY name ORDER BY 2 DESC, 1",
      [this](const Statement& row) {
        report_.safety_counts.push_back({std::string(row.text(0)), row.integer(1)});
      }));
  const auto visit = [this](const Statement& row) {
    SafetyReport event{
        time_point(row.integer(0)), std::string(row.text(1)), {}, std::string(row.text(3))};
    if (!row.is_null(2)) event.template_name = templates_.at(row.integer(2))->name;
    report_.safety.push_back(std::move(event));
  };
  return for_each_row(
      "SELECT time, name, template_id, detail FROM safety_events WHERE run_id BETWEEN ? AND ? "
      "AND time >= ? ORDER BY id DESC LIMIT " +
          std::to_string(kSafetyEvents),
      visit);
}

void ReportBuilder::summarise_samples() {
  std::vector<LatencySketch> latencies(report_.phases.size());
  for (const auto& sample : samples_) latencies[sample.phase].add(sample.latency_ms);
  for (std::size_t i = 0; i < report_.phases.size(); ++i) {
    auto& phase = report_.phases[i];
    phase.latency_ms = percentiles(latencies[i]).value_or(Percentiles());
    report_.queries += phase.queries;
    report_.failures += phase.failures;
  }
  report_.latency = latency_points(samples_, report_.phases.size());
}

void ReportBuilder::summarise_templates() {
  std::unordered_map<std::string, TemplateReport> by_name;
  for (const auto& [name, tally] : tallies_) {
    if (tally.baseline.empty() && tally.optimised.empty()) continue;
    auto& line = by_name[name];
    line.query_class = tally.query_class;
    if (!tally.baseline.empty()) line.baseline_p50_ms = median(tally.baseline);
    if (tally.optimised.empty()) continue;
    line.optimised_p50_ms = median(tally.optimised);
    line.optimised_queries = static_cast<std::int64_t>(tally.optimised.size());
    line.optimised_hinted_share =
        static_cast<double>(tally.optimised_hinted) / static_cast<double>(tally.optimised.size());
  }
  for (const auto& query : report_.seen.per_query) {
    auto& line = by_name[query.template_name];
    ++line.evaluated;
    line.default_ms += query.default_ms;
    line.learned_ms += query.learned_ms;
    line.oracle_ms += query.oracle_ms;
  }
  for (auto& [name, line] : by_name) {
    line.name = name;
    report_.templates.push_back(std::move(line));
  }
  std::ranges::sort(report_.templates, [](const TemplateReport& a, const TemplateReport& b) {
    return std::pair(b.default_ms - b.learned_ms, a.name) <
           std::pair(a.default_ms - a.learned_ms, b.name);
  });
}

}  // namespace

Result<Reader> Reader::open(const std::filesystem::path& path) {
  HINTD_TRY(auto database, Database::open(path, Database::Access::kReadOnly));
  HINTD_TRY_STATUS(check_schema(database));
  HINTD_TRY(auto feed, LedgerFeed::open(path));
  return Reader(std::move(database), std::move(feed));
}

Result<Report> Reader::read_report(Range range) {
  HINTD_TRY_STATUS(feed_.read_all());
  HINTD_TRY_STATUS(database_.execute("BEGIN"));
  auto report = read_in_transaction(
      range, range ? std::optional(feed_.ledger().last_time() - *range) : std::nullopt);
  database_.rollback();
  return report;
}

Result<Report> Reader::read_report(TimePoint since) {
  HINTD_TRY_STATUS(feed_.read_all());
  HINTD_TRY_STATUS(database_.execute("BEGIN"));
  const auto length = std::max(TimePoint::duration{0}, feed_.ledger().last_time() - since);
  auto report = read_in_transaction(std::chrono::ceil<std::chrono::seconds>(length), since);
  database_.rollback();
  return report;
}

Result<Report> Reader::read_in_transaction(Range range, std::optional<TimePoint> since) {
  if (feed_.run().last == 0)
    return fail(ErrorKind::kNotFound, database_.path() + " holds no run", "run hintd demo first");
  try {
    HINTD_TRY(auto report, ReportBuilder(database_, feed_.run(), since).build());
    report.traffic = traffic_report(feed_.ledger(), range);
    report.busiest = busiest(feed_, range);
    return report;
  } catch (const std::out_of_range&) {
    // A row points at one that is not there, which our own writer does not do.
    return fail(ErrorKind::kCorrupt, database_.path() + " is damaged",
                "restore a backup, or move the file away to start anew");
  }
}

}  // namespace hintd::telemetry
