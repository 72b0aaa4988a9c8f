#include "telemetry/traffic_report.h"

#include <algorithm>

#include "core/query_template.h"

namespace hintd::telemetry {
namespace {

constexpr std::chrono::seconds kEver = std::chrono::hours(24 * 365 * 100);

}  // namespace

std::optional<Percentiles> percentiles(const LatencySketch& latencies) {
  if (latencies.count() == 0) return std::nullopt;
  return Percentiles{latencies.quantile(0.5), latencies.quantile(0.95), latencies.quantile(0.99)};
}

TrafficReport traffic_report(const Ledger& ledger, Range range) {
  const auto [from, figures] = ledger.last(range.value_or(kEver));
  TrafficReport report;
  report.from = from;
  report.to = ledger.last_time();
  report.queries = figures.queries;
  report.hinted = figures.treated;
  report.failures = figures.failures;
  report.timed_out = figures.timed_out;
  report.total_ms = figures.total_ms;
  report.explorer_runs = figures.explorer_runs;
  report.explorer_seconds = figures.explorer_ms / 1000;
  report.default_ms = percentiles(figures.by_default);
  report.hinted_ms = percentiles(figures.hinted);
  const auto& saved = figures.saved;
  report.saved_ms = saved.ms;
  report.saved_half_width_ms = saved.half_width();
  if (saved.default_ms > 0) report.saved_share = saved.ms / saved.default_ms;
  report.compared = saved.compared;
  report.left_out = saved.left_out;
  return report;
}

TemplatePart part_of(const TemplateFigures& figures, TimePoint newest, Range range) {
  if (!range) return {figures.queries, figures.treated, figures.total_ms, figures.saved.ms};
  TypicalCell sum;
  const auto& cells = figures.over_time;
  for (std::size_t i = cells.size(); i-- > 0;) {
    if (cells.begin_of(i) + cells.width() <= newest - *range) break;
    sum.merge(cells[i]);
  }
  return {std::int64_t{sum.defaults} + sum.hinted + sum.failures, sum.hinted,
          static_cast<double>(sum.total_ms), static_cast<double>(sum.saved_ms)};
}

std::vector<BusyTemplate> busiest(const LedgerFeed& feed, Range range) {
  std::vector<std::pair<std::int64_t, TemplatePart>> parts;
  for (const auto& [id, figures] : feed.ledger().templates())
    if (const auto part = part_of(figures, feed.ledger().last_time(), range); part.queries > 0)
      parts.emplace_back(id, part);
  const auto taken = std::min(kBusiest, parts.size());
  std::ranges::partial_sort(
      parts, parts.begin() + static_cast<std::ptrdiff_t>(taken), [](const auto& a, const auto& b) {
        return std::pair(-a.second.total_ms, a.first) < std::pair(-b.second.total_ms, b.first);
      });
  std::vector<BusyTemplate> found;
  for (std::size_t i = 0; i < taken; ++i) {
    const auto& [id, part] = parts[i];
    const auto& info = feed.template_of(id);
    found.push_back({info.name.empty() ? fingerprint_text(info.fingerprint) : info.name,
                     part.queries, part.hinted, part.total_ms, part.saved_ms});
  }
  return found;
}

}  // namespace hintd::telemetry
