#include "telemetry/ledger.h"

#include <algorithm>
#include <cmath>

namespace hintd::telemetry {
namespace {

constexpr double kZ = 1.96;
// Statements of a template whose default runs are remembered one by one; those beyond share one.
constexpr std::size_t kStatements = 256;
constexpr std::uint64_t kAllOthers = 0;
// Spread of a statement's latency where it was never run twice; weighs as much as one run that was
// repeated.
constexpr double kUnknownLogSd = 0.5;

double log_of(double ms) {
  return std::log(std::max(ms, 1e-3));
}

}  // namespace

double Saved::half_width() const {
  return kZ * std::sqrt(error_sum * error_sum + noise_squares);
}

void Saved::merge(const Saved& other) {
  ms += other.ms;
  error_sum += other.error_sum;
  noise_squares += other.noise_squares;
  default_ms += other.default_ms;
  compared += other.compared;
  left_out += other.left_out;
}

void TrafficCell::merge(const TrafficCell& other) {
  queries += other.queries;
  treated += other.treated;
  failures += other.failures;
  timed_out += other.timed_out;
  explorer_runs += other.explorer_runs;
  explorer_ms += other.explorer_ms;
  total_ms += other.total_ms;
  by_default.merge(other.by_default);
  hinted.merge(other.hinted);
  saved.merge(other.saved);
}

void TypicalCell::merge(const TypicalCell& other) {
  defaults += other.defaults;
  hinted += other.hinted;
  default_logs += other.default_logs;
  hinted_logs += other.hinted_logs;
  failures += other.failures;
  total_ms += other.total_ms;
  saved_ms += other.saved_ms;
}

TemplateFigures::Ratio TemplateFigures::ratio() const {
  if (ratios == 0) return {};
  const auto n = static_cast<double>(ratios);
  const double mean = ratio_logs / n;
  const double variance = ratios > 1 ? std::max(0.0, ratio_squares - n * mean * mean) / (n - 1) : 0;
  // The runs share the statements' default means: their error does not shrink with the runs.
  const double shared = saved.default_ms > 0 ? saved.error_sum / saved.default_ms : 0;
  const double half = kZ * std::sqrt(variance / n + shared * shared);
  return {std::exp(mean), std::exp(mean - half), std::exp(mean + half)};
}

void LatencyHistogram::add(double ms) {
  const auto place = std::ranges::lower_bound(kLatencyBounds, ms);
  ++counts[static_cast<std::size_t>(place - kLatencyBounds.begin())];
  sum_ms += ms;
}

double Ledger::Baselines::log_sd() const {
  return std::sqrt((log_squares + kUnknownLogSd * kUnknownLogSd) /
                   static_cast<double>(freedom + 1));
}

Ledger::Range Ledger::last(std::chrono::microseconds length) const {
  Range range;
  for (std::size_t i = traffic_.size(); i-- > 0;) {
    if (traffic_.begin_of(i) + traffic_.width() <= last_time_ - length) break;
    range.from = traffic_.begin_of(i);
    range.figures.merge(traffic_[i]);
  }
  return range;
}

void Ledger::add(const LedgerRow& row) {
  if (!row.traffic) {
    count(row, phases_[row.phase_id]);
    last_id_ = row.id;
    return;
  }
  auto& figures = templates_[row.template_id];
  figures.id = row.template_id;
  auto& cell = traffic_.at(row.time);
  auto& phase = phases_[row.phase_id];
  for (auto* each : {&cell, &phase, &total_}) count(row, *each);
  count(row, figures);
  last_id_ = row.id;
  last_time_ = std::max(last_time_, row.time);
  if (row.explorer) {
    const bool whole = !row.failed && !row.timed_out && row.arm_latency_ms > 0;
    if (!row.hinted && whole) learn_default(row.template_id, row.statement, row.arm_latency_ms);
    return;
  }
  ++reasons_[row.reason_id];
  if (row.failed) return;
  (row.treated() ? hinted_histogram_ : default_histogram_).add(row.latency_ms);
  if (!row.treated()) return learn_default(row.template_id, row.statement, row.latency_ms);
  const auto saved = compare(row, figures);
  for (auto* each : {&cell, &phase, &total_}) each->saved.merge(saved);
  figures.saved.merge(saved);
  figures.over_time.at(row.time).saved_ms += static_cast<float>(saved.ms);
}

void Ledger::count(const LedgerRow& row, TrafficCell& cell) const {
  if (row.explorer) {
    ++cell.explorer_runs;
    cell.explorer_ms += row.arm_latency_ms;
    return;
  }
  ++cell.queries;
  cell.treated += row.treated();
  cell.timed_out += row.timed_out;
  cell.total_ms += row.latency_ms;
  cell.failures += row.failed;
  if (!row.failed) (row.treated() ? cell.hinted : cell.by_default).add(row.latency_ms);
}

void Ledger::count(const LedgerRow& row, TemplateFigures& figures) {
  auto& arm = figures.arms[row.arm_id];
  arm.last = row.time;
  arm.timed_out += row.timed_out;
  const bool finished = !row.failed && !row.timed_out && row.arm_latency_ms > 0;
  if (finished)
    arm.least_ms =
        arm.least_ms == 0 ? row.arm_latency_ms : std::min(arm.least_ms, row.arm_latency_ms);
  if (row.explorer) {
    ++arm.explorer;
    arm.explorer_finished += finished;
    if (finished) arm.explorer_ms += row.arm_latency_ms;
    ++figures.explorer_runs;
    return;
  }
  ++arm.users;
  arm.user_ms += row.latency_ms;
  if (figures.queries == 0) figures.first = row.time;
  figures.last = row.time;
  ++figures.queries;
  figures.treated += row.treated();
  figures.timed_out += row.timed_out;
  figures.total_ms += row.latency_ms;
  figures.failures += row.failed;
  figures.last_reason = row.reason_id;
  figures.policy_version = row.policy_version;
  if (row.hinted) figures.last_hint = row.arm_id;
  if (figures.recent.size() < kRecentRows)
    figures.recent.push_back(row.id);
  else
    figures.recent[figures.recent_next++ % kRecentRows] = row.id;
  auto& cell = figures.over_time.at(row.time);
  cell.failures += row.failed;
  cell.total_ms += static_cast<float>(row.latency_ms);
  if (row.failed) return;
  (row.treated() ? figures.hinted : figures.by_default).add(row.latency_ms);
  ++(row.treated() ? cell.hinted : cell.defaults);
  (row.treated() ? cell.hinted_logs : cell.default_logs) +=
      static_cast<float>(log_of(row.latency_ms));
}

void Ledger::learn_default(std::int64_t template_id, std::uint64_t statement, double latency_ms) {
  auto& baselines = baselines_[template_id];
  auto& statements = baselines.by_statement;
  const bool room = statements.size() < kStatements || statements.contains(statement);
  auto& baseline = statements[room ? statement : kAllOthers];
  ++baseline.runs;
  const auto runs = static_cast<float>(baseline.runs);
  const auto log = static_cast<float>(log_of(latency_ms));
  const float before = log - baseline.mean_log;
  baseline.mean_ms += (static_cast<float>(latency_ms) - baseline.mean_ms) / runs;
  baseline.mean_log += before / runs;
  if (baseline.runs < 2) return;
  baselines.log_squares +=
      static_cast<double>(before) * static_cast<double>(log - baseline.mean_log);
  ++baselines.freedom;
}

Saved Ledger::compare(const LedgerRow& row, TemplateFigures& figures) {
  Saved saved;
  const auto& baselines = baselines_[row.template_id];
  const auto found = baselines.by_statement.find(row.statement);
  if (found == baselines.by_statement.end()) {
    saved.left_out = 1;
    return saved;
  }
  const auto& baseline = found->second;
  const auto mean = static_cast<double>(baseline.mean_ms);
  const double sd = mean * baselines.log_sd();
  saved.ms = mean - row.latency_ms;
  saved.default_ms = mean;
  saved.error_sum = sd / std::sqrt(static_cast<double>(baseline.runs));
  saved.noise_squares = sd * sd;
  saved.compared = 1;
  const double log_ratio = log_of(row.latency_ms) - static_cast<double>(baseline.mean_log);
  ++figures.ratios;
  figures.ratio_logs += log_ratio;
  figures.ratio_squares += log_ratio * log_ratio;
  return saved;
}

}  // namespace hintd::telemetry
