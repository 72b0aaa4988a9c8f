// What a run did, as every reader shows it: text, JSON, HTML and the dashboard. Plain values.
// Latencies are milliseconds and leave out statements that failed; percentiles of traffic and
// phases are LatencySketch's, others core/statistics' quantile(). Unless said otherwise figures
// count users' statements, not the explorer's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/statistics.h"

namespace hintd::telemetry {

// The phases and splits that reports know by name.
inline constexpr const char* kBaselinePhase = "baseline";
inline constexpr const char* kOptimisedPhase = "optimised";
inline constexpr const char* kSeenTemplates = "seen_templates";
inline constexpr const char* kUnseenTemplates = "unseen_templates";

struct Percentiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};

struct PhaseReport {
  std::string name;
  TimePoint started;
  TimePoint ended;
  std::int64_t queries = 0;
  std::int64_t failures = 0;
  std::int64_t hinted = 0;     // under an arm other than the default, or hedged
  std::int64_t timed_out = 0;  // passed their deadline and were re-run under the default
  Percentiles latency_ms;

  double success_rate() const;  // 1 for no queries
  double hinted_share() const;
  double queries_per_hour() const;  // of the events' time, which may be simulated
};

// One query of the final evaluation.
struct EvaluatedQuery {
  std::string query;
  std::string template_name;  // fingerprint where the template has no name
  std::string arm;            // what the learned policy chose
  std::string reason;
  std::string oracle_arm;
  double default_ms = 0;  // medians
  double learned_ms = 0;
  double oracle_ms = 0;
  double ratio = 1;  // learned / default
  double ci_low = 1;
  double ci_high = 1;
  int pairs = 0;
  int distinct_plans = 0;

  bool improved() const { return is_improved(ratio, {ci_low, ci_high}); }
  bool regressed() const { return is_regressed(ratio, {ci_low, ci_high}); }
};

// One split of the final evaluation. Totals are sums of medians over its queries.
struct SplitReport {
  std::vector<EvaluatedQuery> per_query;  // slowest ratio first
  double default_ms = 0;
  double learned_ms = 0;
  double oracle_ms = 0;
  // (default - learned) / (default - oracle); none where the oracle gains nothing.
  std::optional<double> gain_captured;
  double improved_share = 0;   // faster than default by more than 10 %, significantly
  double regressed_share = 0;  // slower by more than 10 %, significantly
  double worst_ratio = 1;
  double speedup = 1;         // default / learned, of totals
  double oracle_speedup = 1;  // default / oracle
  // The same without the five queries that gain most milliseconds under the oracle; 1 where there
  // are no others.
  double oracle_speedup_without_best_five = 1;

  std::size_t queries() const { return per_query.size(); }
};

struct TemplateReport {
  std::string name;
  std::string query_class;
  // Medians over the phase's statements; none where there were none.
  std::optional<double> baseline_p50_ms;
  std::optional<double> optimised_p50_ms;
  std::int64_t optimised_queries = 0;
  double optimised_hinted_share = 0;
  // Of the seen split; 0 where the template was not evaluated.
  int evaluated = 0;
  double default_ms = 0;
  double learned_ms = 0;
  double oracle_ms = 0;
};

struct LearningPoint {
  std::int64_t step = 0;
  double loss = 0;  // NaN where it was not finite
  double epsilon = 0;
  double q_spread = 0;
};

struct LatencyPoint {
  TimePoint time;  // middle of the bucket
  std::size_t phase = 0;
  std::int64_t queries = 0;
  double p50 = 0;
  double p95 = 0;
};

struct NamedCount {
  std::string name;
  std::int64_t count = 0;
};

struct SafetyReport {
  TimePoint time;
  std::string name;
  std::string template_name;
  std::string detail;
};

struct PolicyReport {
  TimePoint time;
  std::int64_t version = 0;
  std::int64_t templates = 0;
  std::int64_t steered = 0;
};

// Statements whose default took longer than the patience, so that an arm ran beside it.
struct HedgingReport {
  std::int64_t joined = 0;
  std::int64_t won = 0;     // by the arm
  double lost_seconds = 0;  // server time of the runs that did not give the rows
};

// Users' statements of a range of time, as the page shows them: from the ledger, whole buckets.
// "Hinted" are those under an arm other than the default and hedged ones.
struct TrafficReport {
  TimePoint from;
  TimePoint to;
  std::int64_t queries = 0;
  std::int64_t hinted = 0;
  std::int64_t failures = 0;
  std::int64_t timed_out = 0;
  double total_ms = 0;
  std::int64_t explorer_runs = 0;
  double explorer_seconds = 0;
  std::optional<Percentiles> default_ms;  // none where none ran so
  std::optional<Percentiles> hinted_ms;
  // Time that hints saved, against the default runs of the same statements (ledger.h).
  double saved_ms = 0;
  double saved_half_width_ms = 0;     // of the 95 % interval
  std::optional<double> saved_share;  // of what the default would have taken
  std::int64_t compared = 0;
  std::int64_t left_out = 0;
};

// One template, as the page's list shows it.
struct BusyTemplate {
  std::string name;  // fingerprint where it has none
  std::int64_t queries = 0;
  std::int64_t hinted = 0;
  double total_ms = 0;
  double saved_ms = 0;
};

struct Report {
  std::int64_t run = 0;  // the last of a service's, where it was started anew
  std::string command;
  std::uint64_t seed = 0;
  double scale = 0;
  double duration_days = 0;
  std::string server_version;
  TimePoint started;
  std::optional<TimePoint> finished;
  std::string outcome;  // empty while running, or when the process was killed
  std::string configuration;

  std::int64_t events = 0;
  std::int64_t dropped = 0;
  std::int64_t failed_batches = 0;

  std::int64_t queries = 0;
  std::int64_t failures = 0;  // users' statements that failed
  TrafficReport traffic;
  std::vector<BusyTemplate> busiest;  // most time first, at most kBusiest
  std::vector<PhaseReport> phases;
  // Over the queries of both splits; none without an evaluation.
  std::optional<Percentiles> default_latency_ms;
  std::optional<Percentiles> learned_latency_ms;
  SplitReport seen;
  SplitReport unseen;
  std::vector<TemplateReport> templates;  // most milliseconds saved first
  std::vector<LearningPoint> learning;    // at most kLearningPoints, means of neighbours
  std::vector<LatencyPoint> latency;      // about kLatencyPoints at most
  std::vector<NamedCount> reasons;        // most first
  std::vector<NamedCount> arms;
  std::vector<NamedCount> errors;
  std::vector<NamedCount> safety_counts;  // every safety event, by name
  std::vector<SafetyReport> safety;       // the last kSafetyEvents, newest first
  std::vector<PolicyReport> policies;
  HedgingReport hedging;
  std::int64_t explorer_runs = 0;
  double explorer_seconds = 0;
};

inline constexpr std::size_t kLearningPoints = 500;
inline constexpr std::size_t kLatencyPoints = 300;
inline constexpr std::size_t kSafetyEvents = 50;
inline constexpr std::size_t kBusiest = 20;

// The split's figures from its queries.
SplitReport summarise(std::vector<EvaluatedQuery> queries);
Percentiles percentiles(const std::vector<double>& latencies);
// At most `limit` points, each the mean of equally many neighbours, at the last one's step.
std::vector<LearningPoint> thin(const std::vector<LearningPoint>& points, std::size_t limit);

}  // namespace hintd::telemetry
