#include "safety/regression_guard.h"

#include <algorithm>

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

std::vector<RegressionGuard::WatchState> RegressionGuard::watches() const {
  std::vector<WatchState> all;
  for (const auto& [key, watch] : watches_) {
    WatchState state{key.first, key.second, watch.next_block, {}};
    if (watch.test) state.test = watch.test->state();
    all.push_back(state);
  }
  return all;
}

void RegressionGuard::restore(const WatchState& state) {
  auto& watch = watches_[{state.fingerprint, state.arm}];
  watch.next_block = state.next_block;
  watch.test.reset();
  if (state.test) watch.test.emplace(*state.test, false_alarms_);
}

std::vector<std::uint64_t> RegressionGuard::templates() const {
  std::vector<std::uint64_t> all;
  all.reserve(recent_.size());
  for (const auto& [fingerprint, recent] : recent_) all.push_back(fingerprint);
  return all;
}

std::vector<DefaultRun> RegressionGuard::newest(std::uint64_t fingerprint, std::size_t most) const {
  std::vector<DefaultRun> newest;
  const auto found = recent_.find(fingerprint);
  if (found == recent_.end()) return newest;
  const auto& [runs, next] = found->second;
  for (std::size_t i = runs.size() - std::min(most, runs.size()); i < runs.size(); ++i)
    newest.push_back(runs[(next + i) % runs.size()]);
  return newest;
}

}  // namespace hintd::safety
