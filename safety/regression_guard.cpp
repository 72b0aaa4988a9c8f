#include "safety/regression_guard.h"

namespace hintd::safety {

void RegressionGuard::default_run(std::uint64_t fingerprint, DefaultRun run) {
  auto& recent = recent_[fingerprint];
  if (recent.runs.size() < kKept) {
    recent.runs.push_back(std::move(run));
    return;
  }
  recent.runs[recent.next] = std::move(run);
  recent.next = (recent.next + 1) % kKept;
}

std::vector<double> RegressionGuard::baseline(std::uint64_t fingerprint, const Like& like) const {
  std::vector<double> latencies;
  if (const auto it = recent_.find(fingerprint); it != recent_.end())
    for (const auto& run : it->second.runs)
      if (like(run)) latencies.push_back(run.latency_ms);
  return latencies;
}

std::optional<Regression> RegressionGuard::hinted_run(std::uint64_t fingerprint, ArmId arm,
                                                      Millis latency, const Like& like) {
  auto& watch = watches_[{fingerprint, arm}];
  if (!watch.test) {
    const auto sample = baseline(fingerprint, like);
    if (sample.size() < LatencyScale::kFewest) return std::nullopt;
    watch.test.emplace(LatencyScale(sample), false_alarms_, watch.next_block);
  }
  if (!watch.test->slower(latency.count())) return std::nullopt;
  const Regression regression{watch.test->ratio(), watch.test->runs()};
  watch.next_block = watch.test->block() + 1;
  watch.test.reset();
  return regression;
}

}  // namespace hintd::safety
