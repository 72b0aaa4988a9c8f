#include "core/latency_baseline.h"

#include <algorithm>

#include "core/statistics.h"

namespace hintd {
namespace {

constexpr std::size_t kKept = 64;
constexpr std::size_t kEnough = 3;

}  // namespace

void LatencyBaseline::record(std::uint64_t fingerprint, Millis latency) {
  auto& recent = recent_[fingerprint];
  if (recent.ms.size() < kKept) {
    recent.ms.push_back(latency.count());
    return;
  }
  recent.ms[recent.next] = latency.count();
  recent.next = (recent.next + 1) % kKept;
}

const LatencyBaseline::Recent* LatencyBaseline::known(std::uint64_t fingerprint) const {
  const auto it = recent_.find(fingerprint);
  return it == recent_.end() || it->second.ms.size() < kEnough ? nullptr : &it->second;
}

std::optional<Millis> LatencyBaseline::median(std::uint64_t fingerprint) const {
  const auto* recent = known(fingerprint);
  if (recent == nullptr) return std::nullopt;
  return Millis(hintd::median(recent->ms));
}

std::optional<Millis> LatencyBaseline::fastest(std::uint64_t fingerprint) const {
  const auto* recent = known(fingerprint);
  if (recent == nullptr) return std::nullopt;
  return Millis(*std::min_element(recent->ms.begin(), recent->ms.end()));
}

std::optional<Millis> LatencyBaseline::slowest(std::uint64_t fingerprint) const {
  const auto* recent = known(fingerprint);
  if (recent == nullptr) return std::nullopt;
  return Millis(*std::max_element(recent->ms.begin(), recent->ms.end()));
}

}  // namespace hintd
