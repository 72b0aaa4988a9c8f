#include "safety/anchor.h"

#include <algorithm>
#include <cmath>

#include "core/statistics.h"

namespace hintd::safety {
namespace {

constexpr std::int64_t kFewest = 8;
constexpr double kChange = 0.0953;  // log 1.1
constexpr double kLevel = 0.01;

LatencySummary summary_of(std::vector<double> latencies) {
  LatencySummary summary;
  summary.runs = static_cast<std::int64_t>(latencies.size());
  if (latencies.empty()) return summary;
  const auto n = static_cast<double>(latencies.size());
  for (const double ms : latencies) summary.mean_log += std::log(std::max(ms, 1e-3)) / n;
  double squares = 0;
  for (const double ms : latencies) {
    const double distance = std::log(std::max(ms, 1e-3)) - summary.mean_log;
    squares += distance * distance;
  }
  summary.sd_log = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  summary.p10 = quantile(latencies, 0.1);
  summary.p50 = quantile(latencies, 0.5);
  summary.p90 = quantile(std::move(latencies), 0.9);
  return summary;
}

struct Change {
  bool known = false;
  double log_ratio = 0;
  bool sure = false;
};

Change change_of(const LatencySummary& then, const LatencySummary& now, double z) {
  Change change;
  if (then.runs < kFewest || now.runs < kFewest) return change;
  change.known = true;
  change.log_ratio = now.mean_log - then.mean_log;
  const double error = std::sqrt(then.sd_log * then.sd_log / static_cast<double>(then.runs) +
                                 now.sd_log * now.sd_log / static_cast<double>(now.runs));
  change.sure = std::abs(change.log_ratio) > std::max(kChange, z * error);
  return change;
}

}  // namespace

std::string_view to_string(AnchorVerdict verdict) {
  constexpr std::string_view kNames[] = {"too_few", "steady", "faster", "drift", "policy"};
  return kNames[static_cast<int>(verdict)];
}

TemplateAnchors summarise(std::span<const LoggedRun> runs) {
  std::map<std::pair<std::uint64_t, bool>, std::vector<double>> latencies;
  for (const auto& run : runs)
    if (run.kind == RunKind::kUser && !run.failed)
      latencies[{run.fingerprint, run.arm != kDefaultArm || run.hedged()}].push_back(
          run.latency_ms);
  TemplateAnchors anchors;
  for (auto& [key, values] : latencies) {
    auto& anchor = anchors[key.first];
    (key.second ? anchor.hinted : anchor.by_default) = summary_of(std::move(values));
  }
  return anchors;
}

std::vector<AnchorComparison> compare(const TemplateAnchors& then, const TemplateAnchors& now) {
  const double z =
      normal_quantile(1 - kLevel / 2 / static_cast<double>(std::max<std::size_t>(then.size(), 1)));
  std::vector<AnchorComparison> result;
  for (const auto& [fingerprint, before] : then) {
    AnchorComparison comparison;
    comparison.fingerprint = fingerprint;
    const auto it = now.find(fingerprint);
    const TemplateAnchor after = it == now.end() ? TemplateAnchor{} : it->second;
    const auto plain = change_of(before.by_default, after.by_default, z);
    // Where nothing was hinted then, hinted runs are held against the default of that time.
    const auto& hinted_before = before.hinted.runs >= kFewest ? before.hinted : before.by_default;
    const auto hinted = change_of(hinted_before, after.hinted, z);
    if (plain.known) comparison.default_ratio = std::exp(plain.log_ratio);
    if (hinted.known) comparison.hinted_ratio = std::exp(hinted.log_ratio);
    const bool default_slower = plain.sure && plain.log_ratio > 0;
    const bool hinted_slower = hinted.sure && hinted.log_ratio > 0;
    if (default_slower)
      comparison.verdict = AnchorVerdict::kDrift;
    else if (hinted_slower)
      comparison.verdict = AnchorVerdict::kPolicy;
    else if (plain.sure || hinted.sure)
      comparison.verdict = AnchorVerdict::kFaster;
    else if (plain.known || hinted.known)
      comparison.verdict = AnchorVerdict::kSteady;
    result.push_back(comparison);
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return std::max(a.default_ratio, a.hinted_ratio) > std::max(b.default_ratio, b.hinted_ratio);
  });
  return result;
}

}  // namespace hintd::safety
