#include "telemetry/latency_points.h"

#include <algorithm>
#include <map>

#include "core/statistics.h"

namespace hintd::telemetry {
namespace {

// Fewer would draw noise.
constexpr std::size_t kSamplesPerPoint = 60;

// Of one phase, not empty.
void add_points(const std::vector<const LatencySample*>& samples, std::size_t buckets,
                std::vector<LatencyPoint>& points) {
  const auto [first, last] = std::ranges::minmax_element(samples, {}, &LatencySample::time);
  const auto begin = (*first)->time;
  const auto width =
      ((*last)->time - begin) / static_cast<std::int64_t>(buckets) + std::chrono::microseconds{1};
  std::map<std::int64_t, std::vector<double>> by_bucket;
  for (const auto* sample : samples)
    by_bucket[(sample->time - begin) / width].push_back(sample->latency_ms);
  for (const auto& [bucket, latencies] : by_bucket)
    points.push_back({begin + width * bucket + width / 2, samples.front()->phase,
                      static_cast<std::int64_t>(latencies.size()), quantile(latencies, 0.5),
                      quantile(latencies, 0.95)});
}

}  // namespace

std::vector<LatencyPoint> latency_points(const std::vector<LatencySample>& samples,
                                         std::size_t phases) {
  std::vector<std::vector<const LatencySample*>> by_phase(phases);
  for (const auto& sample : samples) by_phase[sample.phase].push_back(&sample);
  std::vector<LatencyPoint> points;
  for (const auto& of_phase : by_phase) {
    if (of_phase.empty()) continue;
    const auto share = kLatencyPoints * of_phase.size() / samples.size();
    add_points(of_phase,
               std::clamp(of_phase.size() / kSamplesPerPoint, std::size_t{1},
                          std::max<std::size_t>(1, share)),
               points);
  }
  return points;
}

}  // namespace hintd::telemetry
